import * as tf from '@tensorflow/tfjs-core';
import { expect, test, vi } from 'vitest';
import { GpuError } from './errors.ts';
import { readTensor, startBackend } from './index.ts';

test('without an adapter, auto takes wasm and says so and what it costs; webgpu is refused', async () => {
  // Chromium cannot drop its adapter while it runs, so the question is answered for it.
  const ask = vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(null);
  try {
    await expect(startBackend('webgpu')).rejects.toMatchObject({ code: 'no-adapter' });
    await expect(startBackend('webgpu')).rejects.toBeInstanceOf(GpuError);
    const info = await startBackend('auto');
    expect(info.backend).toBe('wasm');
    expect(info.notice).toMatch(/no GPU adapter.*processor/s);
  } finally {
    ask.mockRestore();
  }
});

test('with an adapter, auto takes webgpu with every limit it has, and no notice', async () => {
  const info = await startBackend('auto');
  const adapter = await navigator.gpu.requestAdapter();
  expect(info).toMatchObject({ backend: 'webgpu', notice: '' });
  expect(info.limits.maxStorageBuffersPerShaderStage).toBe(adapter!.limits.maxStorageBuffersPerShaderStage);
  expect(info.features.includes('subgroups')).toBe(adapter!.features.has('subgroups'));
});

for (const backend of ['wasm', 'webgpu'] as const) {
  test(`${backend} starts, says what it is, and computes`, async () => {
    const info = await startBackend(backend);
    expect(info.backend).toBe(backend);
    expect(info.name).not.toBe('');
    expect(tf.getBackend()).toBe(backend);
    const sum = tf.add(tf.tensor1d([1, 2]), tf.tensor1d([3, 4]));
    expect([...(await readTensor(sum))]).toEqual([4, 6]);
  });
}
