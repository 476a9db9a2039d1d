/** CISPO: the ratio is capped at epsilon_high and only weighs the log-probability, so no token loses its gradient. arXiv 2506.13585 */
import * as tf from '@tensorflow/tfjs-core';
import { detached } from '../detached.ts';
import { tokenMean } from '../metrics.ts';
import { upperEpsilon } from './clipped.ts';
import type { Loss } from './loss.ts';
import { ratios } from './ratio.ts';
import { perGenerationToken } from './shares.ts';

export const cispo: Loss = {
  name: 'cispo',
  perToken: ({ config, ratio, advantages, logps }) => {
    const weight = detached(ratio, values => tf.clipByValue(values, 0, upperEpsilon(config)));
    return tf.neg(tf.mul(tf.mul(weight, advantages), logps));
  },
  shares: perGenerationToken,
  readings: of => {
    const { ratio, advantages, weight } = ratios(of);
    const cap = Math.fround(upperEpsilon(of.config));
    const capped = ratio.map((w, i) => Number(w > cap && advantages[i] > 0));
    return [tokenMean('cispo_clip_ratio', capped, weight)];
  },
};
