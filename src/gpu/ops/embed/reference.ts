/** Embedding look-up from stock tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';

export function embedReference(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor2D {
  return tf.gather(table, ids);
}
