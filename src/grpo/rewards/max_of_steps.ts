/** The best turn of the episode. */
import type { Reward } from './reward.ts';

export const maxOfSteps: Reward = {
  name: 'max_of_steps',
  description: 'The largest step reward of the episode.',
  reward: ({ stepRewards }) => (stepRewards.length === 0 ? null : Math.max(...stepRewards)),
};
