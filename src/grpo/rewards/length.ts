/** Every token costs the same. */
import type { Reward } from './reward.ts';

export const length: Reward = {
  name: 'length',
  description: 'Minus the mean length of the replies, as a share of max_completion_length.',
  reward: ({ turns }, { max_completion_length }) =>
    turns.length === 0
      ? null
      : -turns.reduce((sum, { tokens }) => sum + tokens, 0) / (turns.length * max_completion_length),
};
