/** Group-relative advantages: how much better each rollout did than the others that started from the same state. */
import { mean, sampleStd } from './statistics.ts';

export type RewardScaling = 'group' | 'batch' | 'none';

/** Added to a standard deviation before dividing. TRL's value. */
const EPSILON = 1e-4;

/**
 * Centers each reward on its group's mean and divides it as `scaling` says.
 *
 * @param rewards  [groups · groupSize], members of a group side by side; NaN where an episode's environment failed or
 *   no reward function applied. Those take part in no statistic.
 * @param groupSize  members per group, at least 2.
 * @returns [groups · groupSize], unitless; 0 for a NaN reward and for a group whose rewards are all alike.
 * @throws {RangeError} when `rewards` does not divide into groups, or `groupSize` is below 2.
 * @see TRL GRPOTrainer._generate_and_score_completions (sample standard deviation, n - 1)
 */
export function groupAdvantages(
  rewards: Float64Array,
  groupSize: number,
  scaling: RewardScaling,
): Float64Array {
  const groups = splitGroups(rewards, groupSize);
  const batchStd = scaling === 'batch' ? sampleStd(rewards) : 0;
  const advantages = new Float64Array(rewards.length);
  groups.forEach((group, g) => {
    const center = mean(group);
    const divisor = scaling === 'none' ? 1 : (scaling === 'group' ? sampleStd(group) : batchStd) + EPSILON;
    group.forEach((reward, i) => {
      advantages[g * groupSize + i] = Number.isNaN(reward) ? 0 : (reward - center) / divisor;
    });
  });
  return advantages;
}

/**
 * TRL's `normalize_then_sum`: each reward function is z-scored within its group, the scores are summed with their
 * weights, and the sums are z-scored over the batch. A function's scale then cannot drown another's.
 *
 * @param rewardsPerFunction  one [groups · groupSize] array per reward function; NaN where it did not apply.
 * @returns [groups · groupSize]; 0 where no function applied.
 * @throws {RangeError} as groupAdvantages.
 */
export function normalizeThenSum(
  rewardsPerFunction: readonly Float64Array[],
  weights: readonly number[],
  groupSize: number,
): Float64Array {
  const size = rewardsPerFunction[0].length;
  const sums = new Float64Array(size).fill(NaN);
  rewardsPerFunction.forEach((rewards, f) => {
    const scores = groupAdvantages(rewards, groupSize, 'group');
    rewards.forEach((reward, i) => {
      if (Number.isNaN(reward)) return;
      sums[i] = (Number.isNaN(sums[i]) ? 0 : sums[i]) + weights[f] * scores[i];
    });
  });
  const center = mean(sums);
  const divisor = sampleStd(sums) + EPSILON;
  return sums.map(sum => (Number.isNaN(sum) ? 0 : (sum - center) / divisor));
}

/**
 * Share of members whose group (whose batch, when `scaling` is `batch`) has no spread of rewards and so teaches nothing.
 * A group with fewer than two usable rewards has none either.
 *
 * @returns in [0, 1]; TRL's `frac_reward_zero_std`, with torch.isclose's absolute tolerance of 1e-8.
 */
export function fractionZeroStd(rewards: Float64Array, groupSize: number, scaling: RewardScaling): number {
  const spreads = scaling === 'batch' ? [sampleStd(rewards)] : splitGroups(rewards, groupSize).map(sampleStd);
  return spreads.filter(spread => spread <= 1e-8).length / spreads.length;
}

function splitGroups(rewards: Float64Array, groupSize: number): Float64Array[] {
  if (!Number.isInteger(groupSize) || groupSize < 2) {
    throw new RangeError(`A group needs at least 2 members to compare, got num_generations ${groupSize}.`);
  }
  if (rewards.length === 0 || rewards.length % groupSize !== 0) {
    throw new RangeError(`${rewards.length} rewards do not divide into groups of ${groupSize}.`);
  }
  return Array.from({ length: rewards.length / groupSize }, (_, g) =>
    rewards.subarray(g * groupSize, (g + 1) * groupSize),
  );
}
