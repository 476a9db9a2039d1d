/** SiLU from stock tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';

export function siluReference(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.sigmoid(x));
}
