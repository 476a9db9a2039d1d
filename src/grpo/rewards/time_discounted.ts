/** MiniWoB scales its reward by the time left; an episode's time here is its turns. */
import type { Reward } from './reward.ts';

export const timeDiscounted: Reward = {
  name: 'time_discounted',
  description: "MiniWoB's raw reward, a positive one times reward_discount for each turn after the first.",
  reward: ({ rawReward, turns }, { reward_discount }) =>
    rawReward > 0 ? rawReward * reward_discount ** Math.max(0, turns.length - 1) : rawReward,
};
