/** BNPO's aggregation: every token of the optimizer step weighs the same. */
import { clippedSurrogate, clipReadings } from './clipped.ts';
import type { Loss } from './loss.ts';
import { perStepToken } from './shares.ts';

export const bnpo: Loss = {
  name: 'bnpo',
  perToken: clippedSurrogate,
  shares: perStepToken,
  readings: clipReadings,
};
