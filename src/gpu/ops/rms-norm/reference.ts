/** RMSNorm from stock tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';

export function rmsNormReference(x: tf.Tensor, weight: tf.Tensor1D, eps: number): tf.Tensor {
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), eps));
  return tf.mul(tf.mul(x, scale), weight);
}
