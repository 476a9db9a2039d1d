/** silu(a) ⊙ b from the ops that it is made of, which is what wasm runs. */
import * as tf from '@tensorflow/tfjs-core';
import { silu } from '../silu/op.ts';

export function swigluReference(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mul(silu(a), b));
}
