import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { readTensor, startBackend } from './index.ts';

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
