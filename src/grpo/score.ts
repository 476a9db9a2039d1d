/** From finished episodes to what each one teaches: rewards, advantages, and the numbers TRL logs about them. */
import type { RunConfig } from '../config.ts';
import { fractionZeroStd, groupAdvantages, normalizeThenSum } from './advantages.ts';
import { combineRewards } from './rewards/combine.ts';
import { rewardsNamed } from './rewards/registry.ts';
import type { EpisodeOutcome, RewardSettings } from './rewards/reward.ts';
import { mean, sampleStd } from './statistics.ts';

export interface Scores {
  /** For each episode one number per reward function, in the configuration's order; NaN where none applies. */
  perFunction: number[][];
  /** Weighted total of each episode; NaN for a failed one. */
  rewards: Float64Array;
  /** 0 for a failed episode: leave its turns out of the update. */
  advantages: Float64Array;
  /** reward, reward_std, frac_reward_zero_std, rewards/<name>/mean, rewards/<name>/std. */
  metrics: Record<string, number>;
}

/** One number per reward function, in the configuration's order; NaN where none applies. */
export function rewardsOf(
  episode: EpisodeOutcome,
  config: Pick<RunConfig, 'reward_funcs'> & RewardSettings,
): number[] {
  return rewardsNamed(config.reward_funcs).map(({ reward }) =>
    episode.failed ? NaN : (reward(episode, config) ?? NaN),
  );
}

/**
 * Scores a generation batch. A failed episode is worth nothing rather than 0: it takes part in no mean and no spread.
 *
 * @param episodes  [groups · num_generations], members of a group side by side.
 * @throws {RangeError} when the episodes do not divide into groups.
 * @throws {ConfigError} when a reward function does not exist.
 * @see TRL GRPOTrainer._generate_and_score_completions
 */
export function scoreEpisodes(
  episodes: readonly EpisodeOutcome[],
  config: Pick<
    RunConfig,
    'reward_funcs' | 'reward_weights' | 'num_generations' | 'scale_rewards' | 'multi_objective_aggregation'
  > &
    RewardSettings,
): Scores {
  const functions = rewardsNamed(config.reward_funcs);
  const weights = config.reward_weights ?? functions.map(() => 1);
  const perFunction = episodes.map(episode => rewardsOf(episode, config));
  const rewards = Float64Array.from(perFunction, values => combineRewards(values, weights));
  const columns = functions.map((_, f) => Float64Array.from(perFunction, values => values[f]));
  const together = config.multi_objective_aggregation === 'normalize_then_sum';

  const metrics: Record<string, number> = {
    reward: mean(rewards),
    reward_std: sampleStd(rewards),
    frac_reward_zero_std: fractionZeroStd(
      rewards,
      config.num_generations,
      together ? 'batch' : config.scale_rewards,
    ),
  };
  functions.forEach(({ name }, f) => {
    metrics[`rewards/${name}/mean`] = mean(columns[f]);
    metrics[`rewards/${name}/std`] = sampleStd(columns[f]);
  });
  return {
    perFunction,
    rewards,
    advantages: together
      ? normalizeThenSum(columns, weights, config.num_generations)
      : groupAdvantages(rewards, config.num_generations, config.scale_rewards),
    metrics,
  };
}
