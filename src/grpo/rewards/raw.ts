/** MiniWoB's own reward before BrowserGym cuts it to 0 or 1: mistakes are negative, and some tasks pay in part. */
import type { Reward } from './reward.ts';

export const raw: Reward = {
  name: 'raw',
  description: "MiniWoB's raw reward at the end, from -1 for a mistake to 1.",
  reward: ({ rawReward }) => rawReward,
};
