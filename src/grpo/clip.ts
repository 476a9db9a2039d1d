/** Clipping of a gradient by its global norm. */

/** Keeps the division defined. torch's value. */
const EPSILON = 1e-6;

/**
 * What every gradient is multiplied by so that their global norm stays within `maxNorm`.
 *
 * @param norm  L2 norm over all trainable parameters together.
 * @param maxNorm  TRL's max_grad_norm; 0 turns clipping off, as in transformers.
 * @returns in (0, 1]. NaN for a norm that is not finite: the caller must not step.
 * @see torch.nn.utils.clip_grad_norm_
 */
export function clipCoefficient(norm: number, maxNorm: number): number {
  if (!Number.isFinite(norm)) return NaN;
  if (maxNorm === 0) return 1;
  return Math.min(1, maxNorm / (norm + EPSILON));
}

/** L2 norm of all parameters together, from the sum of squares of each. */
export function globalNorm(sumsOfSquares: Iterable<number>): number {
  let total = 0;
  for (const sum of sumsOfSquares) total += sum;
  return Math.sqrt(total);
}
