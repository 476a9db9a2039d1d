/** LUSPO: sequence-level ratios, each row's value scaled by its length. Needs importance_sampling_level sequence. */
import { clippedSurrogate, clipReadings } from './clipped.ts';
import type { Loss } from './loss.ts';
import { perRowSum } from './shares.ts';

export const luspo: Loss = {
  name: 'luspo',
  perToken: clippedSurrogate,
  shares: perRowSum,
  readings: clipReadings,
};
