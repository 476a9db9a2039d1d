/** The user's own function, which ran in the sandbox before rewards are added up. */
import type { Reward } from './reward.ts';

export const custom: Reward = {
  name: 'custom',
  description: 'What the function in custom_reward returns.',
  reward: episode => episode.custom,
};
