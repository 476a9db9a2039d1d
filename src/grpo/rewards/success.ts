/** Solved or not. */
import type { Reward } from './reward.ts';

export const success: Reward = {
  name: 'success',
  description: '1 when the task was solved, else 0.',
  reward: episode => (episode.success ? 1 : 0),
};
