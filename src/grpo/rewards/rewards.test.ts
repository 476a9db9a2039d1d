/** The reward functions and their combination. */
import { expect, test } from 'vitest';
import { ConfigError } from '../../config/errors.ts';
import { combineRewards } from './combine.ts';
import { REWARDS, rewardsNamed } from './registry.ts';
import type { EpisodeOutcome } from './reward.ts';

const solvedInThree: EpisodeOutcome = {
  stepRewards: [0, 0, 1],
  rawReward: 0.8,
  success: true,
  failed: false,
  turns: [
    { error: 'ValueError: Received an empty action.', tokens: 8 },
    { error: 'ValueError: Could not find element with bid "99"', tokens: 4 },
    { error: '', tokens: 4 },
  ],
  custom: 2,
};
const failedTask: EpisodeOutcome = {
  stepRewards: [0, 0],
  rawReward: -1,
  success: false,
  failed: false,
  turns: [
    { error: '', tokens: 2 },
    { error: "TypeError: click() missing 1 required positional argument: 'bid'", tokens: 6 },
  ],
  custom: null,
};
const settings = { reward_threshold: 0.5, reward_discount: 0.9, max_completion_length: 16, max_turns: 4 };

test.each([
  ['sum_of_steps', 1, 0],
  ['mean_of_steps', 1 / 3, 0],
  ['max_of_steps', 1, 0],
  ['success', 1, 0],
  ['raw', 0.8, -1],
  ['thresholded', 1, 0],
  ['time_discounted', 0.8 * 0.81, -1],
  ['well_formed', 2 / 3, 0.5],
  ['valid_bid', 0.5, 1],
  ['step_cost', -0.75, -0.5],
  ['length', -1 / 3, -0.25],
])('%s pays %f for a solution in three turns and %f for a mistake', (name, solved, mistaken) => {
  const [{ reward }] = rewardsNamed([name]);
  expect(reward(solvedInThree, settings)).toBeCloseTo(solved, 12);
  expect(reward(failedTask, settings)).toBeCloseTo(mistaken, 12);
});

test('mean and max do not apply to an episode without turns', () => {
  const empty = { ...failedTask, stepRewards: [] };
  expect(
    rewardsNamed(['mean_of_steps', 'max_of_steps']).map(({ reward }) => reward(empty, settings)),
  ).toEqual([null, null]);
});

test("a user's function applies where it says so", () => {
  const [{ reward }] = rewardsNamed(['custom']);
  expect([solvedInThree, failedTask].map(episode => reward(episode, settings))).toEqual([2, null]);
});

test('names are unique', () => {
  expect(new Set(REWARDS.map(({ name }) => name)).size).toBe(REWARDS.length);
});

test('an unknown reward function is named, with those that exist', () => {
  expect(() => rewardsNamed(['sum_of_steps', 'beauty'])).toThrow(ConfigError);
  expect(() => rewardsNamed(['beauty'])).toThrow(/"beauty".*mean_of_steps/);
});

test('rewards add up by weight, and what does not apply is left out rather than 0', () => {
  expect(combineRewards([1, 2], [0.5, 2])).toBe(4.5);
  expect(combineRewards([1, 2], null)).toBe(3);
  expect(combineRewards([null, 2], [100, 2])).toBe(4);
  expect(combineRewards([NaN, 2], null)).toBe(2);
  expect(combineRewards([null, NaN], null)).toBeNaN();
});
