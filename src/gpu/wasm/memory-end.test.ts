import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { readTensor } from '../read.ts';
import { onBackend } from '../testing.ts';

/** 1 GB whose pages nobody touches, so that the test machine need not have it. */
function gigabyte(): tf.Tensor {
  const backend = tf.backend() as unknown as { makeOutput(shape: number[], dtype: string): tf.TensorInfo };
  return tf.engine().makeTensorFromTensorInfo(backend.makeOutput([2 ** 28], 'float32'));
}

onBackend('wasm', 'what does not fit is refused by name, and what is there stays as it is', async () => {
  const kept = tf.tensor1d([1, 2, 3]);
  const large: tf.Tensor[] = [];
  expect(() => {
    for (let i = 0; i < 5; i++) large.push(gigabyte());
  }).toThrow(
    expect.objectContaining({ code: 'out-of-memory', message: expect.stringContaining('4 GB at most') }),
  );
  expect(large.length).toBeGreaterThan(0);
  tf.dispose(large);
  const doubled = tf.mul(kept, 2);
  expect([...(await readTensor(doubled))]).toEqual([2, 4, 6]);
  tf.dispose([kept, doubled]);
});
