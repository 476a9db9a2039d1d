/** Dr. GRPO: a constant normaliser, so that length changes no token's weight. arXiv 2503.20783 */
import { clippedSurrogate, clipReadings } from './clipped.ts';
import type { Loss } from './loss.ts';
import { perFullLength } from './shares.ts';

export const drGrpo: Loss = {
  name: 'dr_grpo',
  perToken: clippedSurrogate,
  shares: perFullLength,
  readings: clipReadings,
};
