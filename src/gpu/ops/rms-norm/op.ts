/** Root-mean-square normalisation of the last dimension, and its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { rmsNormReference } from './reference.ts';

/**
 * x / √(mean(x²) + eps) · weight.
 *
 * @param x  any shape [..., D].
 * @param weight  [D].
 * @see Zhang & Sennrich 2019
 */
export function rmsNorm(x: tf.Tensor, weight: tf.Tensor1D, eps: number): tf.Tensor {
  return tf.tidy(() => rmsNormReference(x, weight, eps));
}
