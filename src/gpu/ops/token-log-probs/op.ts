/** Log-probabilities of given tokens under a language-model head, without a [tokens, vocabulary] tensor. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { fuse } from '../../fused.ts';
import { tensorOf } from '../../internals.ts';
import { PackedWeight } from '../../packed/index.ts';
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

/** The same on a frozen head. */
const runPacked = fuse<'hidden' | 'targets', { temperature: number; head: PackedWeight }>({
  name: 'TokenLogProbsPacked',
  inputs: ['hidden', 'targets'],
  keepsOutput: true,
  webgpu: (gpu, inputs, attrs) => forward(gpu, { ...inputs, ...attrs }),
  wasm: (_, { hidden, targets }, { head, temperature }) =>
    forwardReference(hidden as tf.Tensor2D, head.heapValue(), targets as tf.Tensor1D, temperature),
  gradient: (dy, { hidden, targets }, { head, temperature }, output) => ({
    hidden: () => {
      const gpu = gpuBackend();
      if (gpu) return tensorOf(gradHidden(gpu, { hidden, targets, head, temperature }, output, dy));
      const [h, t] = [hidden as tf.Tensor2D, targets as tf.Tensor1D];
      return gradHiddenReference(dy, h, head.heapValue(), t, temperature);
    },
    targets: () => tf.zeros(targets.shape),
  }),
});

/**
 * @param hidden  [N, D], after the final norm.
 * @param head  [V, D]; a packed one is frozen.
 * @param targets  [N], int32.
 * @param temperature  above 0; TRL divides by the sampling temperature here too.
 */
export function tokenLogProbs(
  hidden: tf.Tensor2D,
  head: tf.Tensor2D | PackedWeight,
  targets: tf.Tensor1D,
  temperature: number,
): TokenLogProbs {
  const rows = hidden.shape[0];
  return tf.tidy((): { logps: tf.Tensor1D; entropy: tf.Tensor1D } => {
    const all =
      head instanceof PackedWeight
        ? runPacked({ hidden, targets }, { temperature, head })
        : run({ hidden, head, targets }, { temperature });
    return {
      logps: tf.reshape<tf.Rank.R1>(tf.slice(all, [0, 0], [1, rows]), [rows]),
      entropy: tf.reshape<tf.Rank.R1>(tf.slice(all, [1, 0], [1, rows]), [rows]),
    };
  });
}
