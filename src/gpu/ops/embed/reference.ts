/** Embedding look-up whose gradient is a sum by token id. */
import * as tf from '@tensorflow/tfjs-core';

export function embedReference(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor2D {
  const run = tf.customGrad((...args) => {
    const [tableIn, idsIn] = args as tf.Tensor[];
    const save = args.at(-1) as unknown as tf.GradSaveFunc;
    save([idsIn]);
    return {
      value: tf.gather(tableIn, idsIn),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [
        tf.unsortedSegmentSum(dy, saved[0] as tf.Tensor1D, tableIn.shape[0]),
        tf.zeros(idsIn.shape),
      ],
    };
  });
  return run(table, ids) as tf.Tensor2D;
}
