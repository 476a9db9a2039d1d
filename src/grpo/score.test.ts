/** From episodes to rewards and advantages; a failed episode is not a 0. */
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import type { EpisodeOutcome } from './rewards/reward.ts';
import { scoreEpisodes } from './score.ts';

const episode = (reward: number, failed = false): EpisodeOutcome => ({
  stepRewards: [reward],
  rawReward: reward,
  success: reward > 0,
  failed,
  turns: [{ error: '', tokens: 3 }],
  custom: null,
});
const config = { ...DEFAULT_CONFIG, num_generations: 4 };

test('an episode whose environment failed is not a 0: nothing changes but its own place', () => {
  // Three of four failed: with failures scored 0, the survivor would be pushed up and its group down.
  const broken = [episode(1), episode(0, true), episode(0, true), episode(0, true)];
  const sound = [episode(1), episode(0), episode(1), episode(0)];
  const { rewards, advantages, metrics } = scoreEpisodes([...broken, ...sound], config);
  expect([...advantages.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
  expect(rewards[1]).toBeNaN();
  expect([...advantages.subarray(4)]).toEqual([...scoreEpisodes(sound, config).advantages]);
  expect(metrics.reward).toBeCloseTo(3 / 5, 12);
  expect(metrics['rewards/sum_of_steps/mean']).toBeCloseTo(3 / 5, 12);
  expect(metrics.frac_reward_zero_std).toBe(0.5);
});

test('a failed episode is dropped even if it had been paid', () => {
  const { advantages, perFunction } = scoreEpisodes(
    [episode(1, true), episode(1), episode(0), episode(0)],
    config,
  );
  expect(advantages[0]).toBe(0);
  expect(perFunction[0]).toEqual([NaN]);
  expect(advantages[1]).toBeGreaterThan(0);
});

test('weights shift what counts', () => {
  const paid = scoreEpisodes([episode(1), episode(0), episode(0), episode(0)], {
    ...config,
    reward_funcs: ['success', 'raw'],
    reward_weights: [1, 0.5],
  });
  expect([...paid.rewards]).toEqual([1.5, 0, 0, 0]);
  expect(paid.perFunction[0]).toEqual([1, 1]);
});

test('normalize_then_sum is taken when asked for', () => {
  const episodes = [episode(1), episode(0), episode(0.5), episode(0)];
  const together = scoreEpisodes(episodes, {
    ...config,
    reward_funcs: ['success', 'raw'],
    multi_objective_aggregation: 'normalize_then_sum',
  });
  expect(together.advantages.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 10);
  expect([...together.advantages]).not.toEqual([...scoreEpisodes(episodes, config).advantages]);
});
