/** The Euclidean norm of all gradients together, with one read-back. */
import * as tf from '@tensorflow/tfjs-core';
import { readTensor } from '../../read.ts';

/** √Σ g² over every element of every tensor; 0 for none. NaN or ∞ when a gradient is. */
export async function globalNorm(grads: tf.Tensor[]): Promise<number> {
  if (grads.length === 0) return 0;
  const sums = tf.tidy(() => tf.stack(grads.map(grad => tf.sum(tf.square(grad)))));
  try {
    const squares = (await readTensor(sums)) as Float32Array;
    return Math.sqrt(squares.reduce((a, b) => a + b, 0));
  } finally {
    sums.dispose();
  }
}
