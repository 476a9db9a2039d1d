/** Partial answers pay in some tasks: this pays only from a threshold on. */
import type { Reward } from './reward.ts';

export const thresholded: Reward = {
  name: 'thresholded',
  description:
    "1 when MiniWoB's raw reward reaches reward_threshold, else 0; 1 is MiniWoB's own idea of success.",
  reward: ({ rawReward }, { reward_threshold }) => Number(rawReward >= reward_threshold),
};
