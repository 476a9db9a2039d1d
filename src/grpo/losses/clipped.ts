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
 * least low and the largest high share of any row.
 */
export function clipReadings(of: LossReadings): Reading[] {
  const { config, rows, advantageOf } = of;
  const w = ratios(of);
  const low = w.map((value, i) => Number(value < 1 - config.epsilon && advantageOf[i] < 0));
  const high = w.map((value, i) => Number(value > 1 + upperEpsilon(config) && advantageOf[i] > 0));
  const region = low.map((value, i) => Math.max(value, high[i]));
  const perRow = (values: Float32Array) =>
    [...rows.perRow(values, 'mean')].filter((_, row) => rows.lengths[row] > 0);
  const average = (name: string, values: Float32Array) =>
    config.importance_sampling_level === 'sequence'
      ? reading(name, 'mean', perRow(values))
      : tokenMean(name, values, rows.mask);
  return [
    average('clip_ratio/low_mean', low),
    average('clip_ratio/high_mean', high),
    average('clip_ratio/region_mean', region),
    reading('clip_ratio/low_min', 'min', perRow(low)),
    reading('clip_ratio/high_max', 'max', perRow(high)),
  ];
}
