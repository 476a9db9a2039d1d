/** Constants over tokens that some settings multiply the policy term by. Arithmetic on values at hand. */
import type { Rows } from './rows.ts';

/**
 * Keeps the loss tokens whose entropy is in the upper share of all loss tokens given.
 *
 * @param entropies  [N], nats.
 * @param mask  [N], 1 for a loss token.
 * @param share  TRL's top_entropy_quantile, in (0, 1]; 1 keeps all.
 * @returns [N] of 0 and 1.
 * @see TRL GRPOTrainer.get_high_entropy_mask
 */
export function topEntropyMask(entropies: Float32Array, mask: Float32Array, share: number): Float32Array {
  const sorted = entropies.filter((_, i) => mask[i] !== 0).sort();
  if (sorted.length === 0) return new Float32Array(mask.length);
  const threshold = quantile(sorted, 1 - share);
  return entropies.map((entropy, i) => Number(mask[i] !== 0 && entropy >= threshold));
}

/** torch.quantile of sorted values, rounded where torch 2.11 rounds: a token at the threshold falls on the same side as there. */
function quantile(sorted: Float32Array, q: number): number {
  const rank = Math.fround(Math.fround(q) * (sorted.length - 1));
  const below = sorted[Math.floor(rank)];
  const above = sorted[Math.ceil(rank)];
  const weight = Math.fround(rank - Math.floor(rank));
  const step = Math.fround(above - below);
  // torch.lerp starts from the nearer end.
  return weight < 0.5
    ? Math.fround(below + Math.fround(weight * step))
    : Math.fround(above - Math.fround(step * Math.fround(1 - weight)));
}

/** How a mismatch of sampler and training path is corrected. TRL's names, `vllm_importance_sampling_mode`. */
export type SamplingCorrection = 'token_truncate' | 'token_mask' | 'sequence_truncate' | 'sequence_mask';

/**
 * Behaviour policy over sampler at each token, bounded as the mode says: `truncate` clamps into the bounds, `mask`
 * gives 0 outside them.
 *
 * @param oldLogps  [N], by the training path at generation time.
 * @param samplerLogps  [N], as the sampler reported them.
 * @returns [N]; at sequence level every token has the exponential of its row's sum.
 * @see TRL GRPOTrainer._generate_and_score_completions (vllm_importance_sampling_correction)
 */
export function samplingRatio(
  rows: Rows,
  oldLogps: Float32Array,
  samplerLogps: Float32Array,
  mode: SamplingCorrection,
  bounds: { min: number | null; max: number | null },
): Float32Array {
  const differences = oldLogps.map((logp, i) => (logp - samplerLogps[i]) * rows.mask[i]);
  const logs = mode.startsWith('sequence') ? rows.spread(rows.perRow(differences, 'sum')) : differences;
  const least = bounds.min ?? 0;
  const most = bounds.max ?? Infinity;
  return logs.map(log => {
    const ratio = Math.exp(log);
    if (mode.endsWith('truncate')) return Math.min(most, Math.max(least, ratio));
    return ratio >= least && ratio <= most ? ratio : 0;
  });
}
