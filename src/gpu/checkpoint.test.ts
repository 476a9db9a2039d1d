import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { checkpoint } from './checkpoint.ts';
import { normalArray } from './random.ts';
import { readTensor } from './read.ts';
import { expectClose, onBothBackends } from './testing.ts';

const block = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
  tf.mul(tf.tanh(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D)), tf.sigmoid(x));

const chain =
  (f: (x: tf.Tensor, w: tf.Tensor) => tf.Tensor) =>
  (x: tf.Tensor, w: tf.Tensor): tf.Tensor => {
    let y = x;
    for (let i = 0; i < 4; i++) y = f(y, w);
    return tf.sum(tf.square(y));
  };

onBothBackends('a checkpointed chain has the same gradients', async () => {
  const inputs = [tf.tensor2d(normalArray(1, 32), [4, 8]), tf.tensor2d(normalArray(2, 64), [8, 8])];
  const plain = tf.grads(chain(block))(inputs);
  const saved = tf.grads(chain(checkpoint(block)))(inputs);
  for (const i of [0, 1]) expectClose(await readTensor(saved[i]), await readTensor(plain[i]), 1e-5);
  tf.dispose([inputs, plain, saved]);
});

onBothBackends('a checkpointed chain keeps fewer tensors for the backward pass', async () => {
  const inputs = [tf.tensor2d(normalArray(1, 32), [4, 8]), tf.tensor2d(normalArray(2, 64), [8, 8])];
  /** Tensors alive when the forward pass ends: the loss reports them itself. */
  const alive = (f: (x: tf.Tensor, w: tf.Tensor) => tf.Tensor): number => {
    let count = 0;
    const grads = tf.grads((x, w) => {
      const loss = tf.tidy(() => chain(f)(x, w));
      count = tf.memory().numTensors;
      return loss;
    })(inputs);
    tf.dispose(grads);
    return count;
  };
  expect(alive(checkpoint((x, w) => tf.tidy(() => block(x, w))))).toBeLessThan(alive(block) - 8);
  tf.dispose(inputs);
});
