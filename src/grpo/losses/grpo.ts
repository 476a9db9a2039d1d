/** GRPO as first published: every reply weighs the same, so the tokens of a long one weigh less. arXiv 2402.03300 */
import { clippedSurrogate, clipReadings } from './clipped.ts';
import type { Loss } from './loss.ts';
import { perRowMean } from './shares.ts';

export const grpo: Loss = {
  name: 'grpo',
  perToken: clippedSurrogate,
  shares: perRowMean,
  readings: clipReadings,
};
