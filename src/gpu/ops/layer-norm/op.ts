/** Layer normalisation of the last dimension, and its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { layerNormReference } from './reference.ts';

/**
 * (x - mean) / √(variance + eps) · weight + bias, with the biased variance.
 *
 * @param x  any shape [..., D].
 * @param weight  [D].
 * @param bias  [D].
 * @see Ba, Kiros & Hinton 2016
 */
export function layerNorm(x: tf.Tensor, weight: tf.Tensor1D, bias: tf.Tensor1D, eps: number): tf.Tensor {
  return tf.tidy(() => layerNormReference(x, weight, bias, eps));
}
