/** Rotary position embedding from stock tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';

export function rotaryReference(x: tf.Tensor4D, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor4D {
  const half = x.shape[3] / 2;
  const [first, second] = tf.split(x, 2, 3);
  if (first.shape[3] !== half) throw new RangeError(`rotary needs an even head size, not ${x.shape[3]}`);
  const rotated = tf.concat([tf.neg(second), first], 3);
  return tf.add(tf.mul(x, cos), tf.mul(rotated, sin)) as tf.Tensor4D;
}
