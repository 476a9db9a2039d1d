import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { gpuBackend, type GpuBackend } from './backend.ts';
import { checkGpu, gpuMemory, readTensor, settlePool, trimPool } from './read.ts';
import { startBackend } from './start.ts';

async function start(): Promise<GpuBackend> {
  await startBackend('webgpu');
  return gpuBackend()!;
}

/** A pass whose bind group is invalid, so that WebGPU drops the whole submitted batch. */
function recordInvalid(gpu: GpuBackend): void {
  const x = tf.tensor1d([1]);
  const code = `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(1) fn main() { x[0] = 1.0; }`;
  gpu.dispatch('test-invalid', code, [x, x], null, [1, 1, 1]);
}

test('a rejected dispatch throws at the next check, once, and reading never gives its zeros', async () => {
  const gpu = await start();
  recordInvalid(gpu);
  await expect(checkGpu()).rejects.toMatchObject({ code: 'invalid-dispatch' });
  await checkGpu();

  const innocent = tf.add(tf.tensor1d([1, 2]), 1);
  recordInvalid(gpu);
  await expect(readTensor(innocent)).rejects.toMatchObject({ code: 'invalid-dispatch' });
});

test('a shader that does not compile throws at the next check, with the compiler’s words', async () => {
  const gpu = await start();
  gpu.dispatch('test-syntax', 'this is not WGSL', [tf.tensor1d([1])], null, [1, 1, 1]);
  await expect(checkGpu()).rejects.toThrow(/WGSL/);
});

test('out of memory throws as such', async () => {
  const gpu = await start();
  // More than any machine has, in buffers that are each within the limits.
  const size = gpu.gpu.limits.maxBufferSize;
  const buffers = Array.from({ length: 4 }, () =>
    gpu.device.createBuffer({ size, usage: GPUBufferUsage.STORAGE }),
  );
  await expect(checkGpu()).rejects.toMatchObject({ code: 'out-of-memory' });
  for (const buffer of buffers) buffer.destroy();
});

test('idle buffers are freed down to what is asked', async () => {
  await start();
  trimPool();
  for (let i = 1; i <= 20; i++) tf.tidy(() => void tf.add(tf.fill([i * 1000], 1), 1));
  await checkGpu();
  const before = gpuMemory();
  expect(before.allocated - before.used).toBeGreaterThan(400_000);
  trimPool(100_000);
  const kept = gpuMemory();
  expect(kept.allocated - kept.used).toBeLessThanOrEqual(100_000);
  expect(kept.used).toBe(before.used);
  const sum = tf.add(tf.fill([3], 1), 1);
  expect([...(await readTensor(sum))]).toEqual([2, 2, 2]);
});

test('between steps what was not needed goes, but as much as a step used may stay idle where that is allowed', async () => {
  await start();
  const MIB = 2 ** 20;
  /** One tensor after the other, none of a size that the buffer of another serves; the largest is all that is in use at once. */
  const step = async (): Promise<number> => {
    trimPool();
    settlePool();
    for (const mib of [1, 4, 16]) {
      const x = tf.fill([(mib * MIB) / 4], 1);
      await readTensor(x);
      x.dispose();
    }
    return gpuMemory().used;
  };
  const idle = (used: number): number => Math.round((gpuMemory().allocated - used) / MIB);
  const used = await step();
  expect(idle(used)).toBeGreaterThan(20);
  settlePool(8 * MIB);
  expect(idle(used)).toBeGreaterThan(20);
  settlePool();
  expect(idle(used)).toBeLessThan(1);
  await step();
  const before = idle(used);
  settlePool();
  expect(idle(used)).toBeLessThan(before - 10);
});

test('after the device is lost every check says so, and a new start gives a working backend', async () => {
  const gpu = await start();
  gpu.device.destroy();
  await gpu.device.lost;
  await expect(checkGpu()).rejects.toMatchObject({ code: 'device-lost' });
  await expect(checkGpu()).rejects.toMatchObject({ code: 'device-lost' });
  const again = await start();
  expect(again).not.toBe(gpu);
  expect([...(await readTensor(tf.add(tf.tensor1d([1]), 1)))]).toEqual([2]);
});
