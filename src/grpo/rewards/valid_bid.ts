/** Whether actions name elements that are there. */
import type { Reward } from './reward.ts';
import { isWellFormed } from './well_formed.ts';

const MISSING = /^ValueError: (?:Could not find element with bid|expected a string)/;

export const validBid: Reward = {
  name: 'valid_bid',
  description:
    'Share of the well-formed actions that name an element of the page; none where no reply was well formed.',
  reward: ({ turns }) => {
    const formed = turns.filter(isWellFormed);
    return formed.length === 0
      ? null
      : formed.filter(({ error }) => !MISSING.test(error)).length / formed.length;
  },
};
