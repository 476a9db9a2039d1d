import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { readTensor } from '../read.ts';
import { onBothBackends } from '../testing.ts';

onBothBackends('a clone takes no memory of its own, and outlives what it was made of', async () => {
  const x = tf.tensor1d([1, 2, 3]);
  const buffers = tf.memory().numDataBuffers;
  const copy = tf.clone(x);
  expect(tf.memory().numDataBuffers).toBe(buffers);
  x.dispose();
  expect([...(await readTensor(copy))]).toEqual([1, 2, 3]);
  copy.dispose();
  expect(tf.memory().numDataBuffers).toBe(buffers - 1);
});
