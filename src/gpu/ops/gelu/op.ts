/** The activation x · Φ(x), and its gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { geluReference } from './reference.ts';

/**
 * x · Φ(x), any shape: exact (PyTorch's `gelu`) or with tanh (`gelu_pytorch_tanh`).
 * @see Hendrycks & Gimpel 2016
 */
export function gelu(x: tf.Tensor, kind: 'erf' | 'tanh'): tf.Tensor {
  return tf.tidy(() => geluReference(x, kind));
}
