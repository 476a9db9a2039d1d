/** PPO's clipped surrogate and its reports, which five of the losses share. */
import * as tf from '@tensorflow/tfjs-core';
import { reading, tokenMean, type Reading } from '../metrics.ts';
import type { LossConfig, LossReadings, LossTerms } from './loss.ts';
import { ratios } from './ratio.ts';

/** epsilon_high, which is epsilon where it is not set. */
export function upperEpsilon(config: LossConfig): number {
  return config.epsilon_high ?? config.epsilon;
}

/**
 * -min(min(w, delta) · A, clip(w, 1 - epsilon, 1 + epsilon_high) · A), [N].
 *
 * @see TRL GRPOTrainer._compute_loss; delta is INTELLECT-2's two-sided clipping.
 */
export function clippedSurrogate({ config, ratio, advantages }: LossTerms): tf.Tensor1D {
  const bounded = config.delta === null ? ratio : tf.clipByValue(ratio, 0, config.delta);
  const clipped = tf.clipByValue(ratio, 1 - config.epsilon, 1 + upperEpsilon(config));
  return tf.neg(tf.minimum(tf.mul(bounded, advantages), tf.mul(clipped, advantages)));
}

/**
 * TRL's `clip_ratio/*`: how often the clip took the gradient away, over tokens (over rows at sequence level); the
 * least low and the largest high share of any row. As in TRL, the ratio is bounded by delta before it is compared.
 */
export function clipReadings(of: LossReadings): Reading[] {
  const { epsilon, delta } = of.config;
  const { ratio, advantages, weight, perRow } = ratios(of);
  const [least, most] = [Math.fround(1 - epsilon), Math.fround(1 + upperEpsilon(of.config))];
  const bounded = delta === null ? ratio : ratio.map(w => Math.min(w, delta));
  const low = bounded.map((w, i) => Number(w < least && advantages[i] < 0));
  const high = bounded.map((w, i) => Number(w > most && advantages[i] > 0));
  const region = low.map((value, i) => Math.max(value, high[i]));
  return [
    tokenMean('clip_ratio/low_mean', low, weight),
    tokenMean('clip_ratio/high_mean', high, weight),
    tokenMean('clip_ratio/region_mean', region, weight),
    reading('clip_ratio/low_min', 'min', perRow(low)),
    reading('clip_ratio/high_max', 'max', perRow(high)),
  ];
}
