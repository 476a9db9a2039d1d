/** Stop-gradient, which tfjs does not have. */
import * as tf from '@tensorflow/tfjs-core';

/** `compute(x)` as a constant: nothing flows back to x, and `compute` may use ops that have no gradient. */
export function detached(x: tf.Tensor1D, compute: (x: tf.Tensor1D) => tf.Tensor1D): tf.Tensor1D {
  const constant = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc) => ({
    value: compute(input as tf.Tensor1D),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }));
  return constant(x) as tf.Tensor1D;
}
