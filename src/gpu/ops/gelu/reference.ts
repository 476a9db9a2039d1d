/** GELU from stock tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';

export function geluReference(x: tf.Tensor, kind: 'erf' | 'tanh'): tf.Tensor {
  const inner =
    kind === 'erf'
      ? tf.erf(tf.mul(x, Math.SQRT1_2))
      : tf.tanh(tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI)));
  return tf.mul(tf.mul(x, 0.5), tf.add(inner, 1));
}
