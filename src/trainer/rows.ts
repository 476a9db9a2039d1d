/** Rows: what the update learns from. Every turn of every usable episode is one. */
import type { RunConfig } from '../config.ts';
import type { PolicyInfo, Sequence } from '../models/policy.ts';
import type { Episode } from '../rollout/index.ts';

export interface Row {
  sequence: Sequence;
  advantage: number;
  /** What the sampler reported. */
  samplerLogps: Float32Array;
  /** Under the policy that sampled, by the training path; null while the two are one. */
  oldLogps: Float32Array | null;
  /** Under the reference; null when beta is 0. */
  refLogps: Float32Array | null;
  /** False for a truncated completion under mask_truncated_completions: it carries no loss. */
  trained: boolean;
}

/** Float32 values that the backward pass keeps for each token, layer and hidden unit; measured on the embedded policy. */
const KEPT_VALUES = 60;

/** Bytes of activations that a micro-batch may take. WebAssembly's memory ends at 4 GB and never shrinks. */
const ACTIVATION_BYTES = { webgpu: 2e9, wasm: 6e8 };

/** The rows of an episode; none when its environment failed. */
export function episodeRows(episode: Episode, advantage: number, config: RunConfig): Row[] {
  if (episode.failure) return [];
  return episode.turns.flatMap(({ sample }) =>
    sample
      ? {
          sequence: { prompt: sample.prompt, completion: sample.completionIds },
          advantage,
          samplerLogps: sample.logps,
          oldLogps: null,
          refLogps: null,
          trained: !(config.mask_truncated_completions && sample.truncated),
        }
      : [],
  );
}

/** Loss tokens. */
export function countTokens(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + (row.trained ? row.sequence.completion.length : 0), 0);
}

/** Padded tokens that fit into one micro-batch of this policy. */
export function tokenBudget(info: PolicyInfo, backend: 'webgpu' | 'wasm'): number {
  return Math.floor(ACTIVATION_BYTES[backend] / (4 * KEPT_VALUES * info.layers * info.hiddenSize));
}

export function sequenceLength({ prompt, completion }: Sequence): number {
  return prompt.ids.length + completion.length;
}

/** Cuts rows into micro-batches of like length whose padded size stays within `budget`; a row is never cut. */
export function microBatches<T extends { sequence: Sequence }>(rows: readonly T[], budget: number): T[][] {
  const sorted = [...rows].sort((a, b) => sequenceLength(b.sequence) - sequenceLength(a.sequence));
  const batches: T[][] = [];
  let width = 0;
  for (const row of sorted) {
    const batch = batches.at(-1);
    if (batch && (batch.length + 1) * width <= budget) batch.push(row);
    else {
      batches.push([row]);
      width = sequenceLength(row.sequence);
    }
  }
  return batches;
}
