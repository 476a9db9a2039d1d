/** Several rewards of an episode made one. */

/**
 * The weighted sum of those rewards that apply: TRL's rule for None and NaN.
 *
 * @param rewards  one per reward function; null or NaN where it does not apply.
 * @param weights  as many, or null for all 1.
 * @returns NaN when none applies.
 */
export function combineRewards(
  rewards: readonly (number | null)[],
  weights: readonly number[] | null,
): number {
  let sum = NaN;
  rewards.forEach((reward, i) => {
    if (reward === null || Number.isNaN(reward)) return;
    sum = (Number.isNaN(sum) ? 0 : sum) + reward * (weights?.[i] ?? 1);
  });
  return sum;
}
