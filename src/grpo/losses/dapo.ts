/** DAPO: every token of the generation batch weighs the same. TRL's default. arXiv 2503.14476 */
import { clippedSurrogate, clipReadings } from './clipped.ts';
import type { Loss } from './loss.ts';
import { perGenerationToken } from './shares.ts';

export const dapo: Loss = {
  name: 'dapo',
  perToken: clippedSurrogate,
  shares: perGenerationToken,
  readings: clipReadings,
};
