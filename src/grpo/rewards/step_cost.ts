/** Every turn costs the same. */
import type { Reward } from './reward.ts';

export const stepCost: Reward = {
  name: 'step_cost',
  description: 'Minus the share of max_turns that the episode took.',
  reward: ({ turns }, { max_turns }) => -turns.length / max_turns,
};
