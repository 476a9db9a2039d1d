/** The return: all step rewards together. */
import type { Reward } from './reward.ts';

export const sumOfSteps: Reward = {
  name: 'sum_of_steps',
  description: 'All step rewards of the episode added up.',
  reward: ({ stepRewards }) => stepRewards.reduce((sum, reward) => sum + reward, 0),
};
