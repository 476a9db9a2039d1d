/** Rows: what the update learns from. Every turn of every usable episode is one. */
import type { RunConfig } from '../config.ts';
import { Rows } from '../grpo/rows.ts';
import type { PolicyInfo, Sequence } from '../models/policy.ts';
import { promptIdentity, type Episode } from '../rollout/index.ts';

export interface Row {
  sequence: Sequence;
  advantage: number;
  /** What the sampler reported. */
  samplerLogps: Float32Array;
  /** Under the policy that sampled, by the training path; null while the two are one. */
  oldLogps: Float32Array | null;
  /** Under the reference; null when beta is 0. */
  refLogps: Float32Array | null;
  /** Training path over sampler, bounded; null where that is not corrected for. */
  samplingRatio: Float32Array | null;
  /** False for a truncated completion under mask_truncated_completions: it carries no loss. */
  trained: boolean;
}

/**
 * Float32 values that a micro-batch holds for each token and hidden unit at its peak, gradients under way and idle buffers
 * included: `layer` in each layer, and `once`. Measured 2026-11-28 with LFM2 layers and a LoRA: on webgpu 64 with three and
 * 117 with six layers of 256 units and MLPs of 4.5 times that, after some steps, on a software adapter; on wasm 23 to 26 a
 * layer with layers of 128 units and MLPs of 2.5 and 4.5 times that.
 */
const KEPT = { webgpu: { layer: 18, once: 15 }, wasm: { layer: 30, once: 0 } };

/**
 * The same under gradient_checkpointing: the layer that is computed again is held `once`, of each there is its input. On webgpu
 * 54 with three and 66 with six layers.
 */
const KEPT_AGAIN = { webgpu: { layer: 4, once: 45 }, wasm: { layer: 3, once: 130 } };

/**
 * Where activation_memory_mb is null. On webgpu four turns of 500 tokens of a model of 450M parameters, two of one of 1.6B.
 * WebAssembly's memory ends at 4 GB and never shrinks.
 */
const ACTIVATION_MB = { webgpu: 2500, wasm: 300 };

/**
 * How far beyond a prompt its completions may go where the prompt alone takes the budget: one for each would compute it as
 * often (eight of 32 tokens after 2,048 took 1.2 s on an H200, as much as eight prompts).
 */
const BEYOND_PROMPT = 1.25;

/** What of a configuration decides how much a micro-batch may hold and holds. */
export type ActivationConfig = Pick<RunConfig, 'activation_memory_mb' | 'gradient_checkpointing'>;

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
          samplingRatio: null,
          trained: !(config.mask_truncated_completions && sample.truncated),
        }
      : [],
  );
}

/** The completions' tokens of a micro-batch, and which of them carry loss. */
export function tokenRows(batch: readonly Row[]): Rows {
  const rowOf = batch.flatMap((row, i) => Array.from(row.sequence.completion, () => i));
  return new Rows(
    Int32Array.from(rowOf),
    Float32Array.from(rowOf, i => Number(batch[i].trained)),
    batch.length,
  );
}

/** The rows' values side by side; null when they have none. */
export function joined(batch: readonly Row[], of: (row: Row) => Float32Array | null): Float32Array | null {
  const parts = batch.map(of);
  if (!parts.every(part => part !== null)) return null;
  return Float32Array.from(parts.flatMap(part => Array.from(part)));
}

/** Loss tokens. */
export function countTokens(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + (row.trained ? row.sequence.completion.length : 0), 0);
}

/** Bytes that a token of a micro-batch holds. */
export function activationBytes(
  { layers, hiddenSize }: Pick<PolicyInfo, 'layers' | 'hiddenSize'>,
  { gradient_checkpointing: again }: ActivationConfig,
  backend: 'webgpu' | 'wasm',
): number {
  const { layer, once } = (again ? KEPT_AGAIN : KEPT)[backend];
  return 4 * hiddenSize * (once + layer * layers);
}

/** Megabytes of activations that a micro-batch may take. */
export function activationMemory(
  { activation_memory_mb: chosen }: ActivationConfig,
  backend: 'webgpu' | 'wasm',
): number {
  return chosen ?? ACTIVATION_MB[backend];
}

/** Tokens that fit into one micro-batch of this policy. */
export function tokenBudget(
  info: Pick<PolicyInfo, 'layers' | 'hiddenSize'>,
  config: ActivationConfig,
  backend: 'webgpu' | 'wasm',
): number {
  return Math.floor((1e6 * activationMemory(config, backend)) / activationBytes(info, config, backend));
}

export function sequenceLength({ prompt, completion }: Sequence): number {
  return prompt.ids.length + completion.length;
}

/**
 * Cuts rows into micro-batches of at most `budget` tokens, as the policy lays them out: completions of one prompt lie side
 * by side and share it, and sequences of like length meet, so that little is padding. A row is never cut, and a prompt that
 * takes the budget alone is followed by some completions all the same.
 */
export function microBatches<T extends { sequence: Sequence }>(rows: readonly T[], budget: number): T[][] {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const identity = promptIdentity(row.sequence.prompt);
    const group = groups.get(identity);
    if (group) group.push(row);
    else groups.set(identity, [row]);
  }
  const promptLength = (group: T[]) => group[0].sequence.prompt.ids.length;
  const sorted = [...groups.values()].sort((a, b) => promptLength(b) - promptLength(a));
  const batches: T[][] = [];
  let used = Infinity;
  for (const group of sorted) {
    let prompt = promptLength(group);
    for (const row of group) {
      const { completion } = row.sequence;
      const most = prompt === 0 ? Math.max(budget, BEYOND_PROMPT * promptLength(group)) : budget;
      if (used + prompt + completion.length > most) {
        batches.push([]);
        used = 0;
        prompt = promptLength(group);
      }
      batches.at(-1)!.push(row);
      used += prompt + completion.length;
      prompt = 0;
    }
  }
  return batches;
}
