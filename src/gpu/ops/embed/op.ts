/** Rows of a table by id, with a deterministic gradient. */
import type * as tf from '@tensorflow/tfjs-core';
import { embedReference } from './reference.ts';

/**
 * table[ids].
 *
 * @param table  [V, D].
 * @param ids  [N], int32, each in 0 … V - 1.
 * @returns [N, D]. The gradient into `table` adds rows in the order of `ids`, so equal runs give equal bits.
 */
export function embed(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor2D {
  return embedReference(table, ids);
}
