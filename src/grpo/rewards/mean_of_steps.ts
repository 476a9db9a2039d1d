/** The return per turn, so that a solution in fewer turns earns more. */
import type { Reward } from './reward.ts';

export const meanOfSteps: Reward = {
  name: 'mean_of_steps',
  description: 'The mean of the step rewards, so that fewer turns earn more.',
  reward: ({ stepRewards }) =>
    stepRewards.length === 0
      ? null
      : stepRewards.reduce((sum, reward) => sum + reward, 0) / stepRewards.length,
};
