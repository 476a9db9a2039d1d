/** Log-probabilities of given tokens under a language-model head, without a [tokens, vocabulary] tensor. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { fuse } from '../../fused.ts';
import { tensorOf } from '../../internals.ts';
import { forward, gradHead, gradHidden } from './chunks.ts';
import { forwardReference, gradHeadReference, gradHiddenReference } from './reference.ts';

export interface TokenLogProbs {
  /** [N], log_softmax(hidden · headᵀ / temperature) at the targets; differentiable. */
  logps: tf.Tensor1D;
  /** [N], nats, of the same distribution; differentiable. */
  entropy: tf.Tensor1D;
}

/** The result is [3, N]: log-probabilities, entropies, log-sum-exps; the last row has no gradient. */
const run = fuse({
  name: 'TokenLogProbs',
  inputs: ['hidden', 'head', 'targets'],
  keepsOutput: true,
  webgpu: (gpu, inputs, { temperature }) => forward(gpu, { ...inputs, temperature }),
  wasm: (_, { hidden, head, targets }, { temperature }) =>
    forwardReference(hidden as tf.Tensor2D, head as tf.Tensor2D, targets as tf.Tensor1D, temperature),
  gradient: (dy, inputs, { temperature }, output) => {
    const gpu = gpuBackend();
    const problem = { ...inputs, temperature };
    const plain = [
      inputs.hidden as tf.Tensor2D,
      inputs.head as tf.Tensor2D,
      inputs.targets as tf.Tensor1D,
    ] as const;
    return {
      hidden: () =>
        gpu ? tensorOf(gradHidden(gpu, problem, output, dy)) : gradHiddenReference(dy, ...plain, temperature),
      head: () =>
        gpu ? tensorOf(gradHead(gpu, problem, output, dy)) : gradHeadReference(dy, ...plain, temperature),
      targets: () => tf.zeros(inputs.targets.shape),
    };
  },
});

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
    const all = run({ hidden, head, targets }, { temperature });
    return {
      logps: tf.reshape<tf.Rank.R1>(tf.slice(all, [0, 0], [1, rows]), [rows]),
      entropy: tf.reshape<tf.Rank.R1>(tf.slice(all, [1, 0], [1, rows]), [rows]),
    };
  });
}
