/** Log-probabilities of given tokens under a language-model head, without a [tokens, vocabulary] tensor. */
import * as tf from '@tensorflow/tfjs-core';
import { tokenLogProbsReference } from './reference.ts';

export interface TokenLogProbs {
  /** [N], log_softmax(hidden · headᵀ / temperature) at the targets; differentiable. */
  logps: tf.Tensor1D;
  /** [N], nats, of the same distribution. No gradient flows through it. */
  entropy: tf.Tensor1D;
}

/**
 * @param hidden  [N, D], after the final norm.
 * @param head  [V, D].
 * @param targets  [N], int32.
 * @param temperature  above 0; TRL divides by the sampling temperature here too.
 */
export function tokenLogProbs(
  hidden: tf.Tensor2D,
  head: tf.Tensor2D,
  targets: tf.Tensor1D,
  temperature: number,
): TokenLogProbs {
  const rows = hidden.shape[0];
  return tf.tidy((): { logps: tf.Tensor1D; entropy: tf.Tensor1D } => {
    const both = tokenLogProbsReference(hidden, head, targets, temperature);
    return {
      logps: tf.reshape<tf.Rank.R1>(tf.slice(both, [0, 0], [1, rows]), [rows]),
      entropy: tf.reshape<tf.Rank.R1>(tf.slice(both, [1, 0], [1, rows]), [rows]),
    };
  });
}
