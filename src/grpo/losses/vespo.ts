/** VESPO: a gamma-shaped weight of the whole row's ratio on the log-probability. */
import * as tf from '@tensorflow/tfjs-core';
import { detached } from '../detached.ts';
import { reading } from '../metrics.ts';
import type { Rows } from '../rows.ts';
import type { Loss, LossConfig, LossReadings } from './loss.ts';
import { perGenerationToken } from './shares.ts';

/** A token's log-ratio, and the row's upper end, are kept within ±20; the row's lower end at log 1e-8. TRL's values. */
const LOG_LIMIT = 20;
const LOG_FLOOR = Math.log(1e-8);
const LEAST_LAMBDA = 1e-4;

export const vespo: Loss = {
  name: 'vespo',
  weighsSampling: true,
  perToken: ({ config, rows, logRatio, logps, advantages, advantageOf, samplingRatio }) => {
    const k = advantageOf.map(advantage => shapeFor(config, advantage).k);
    const lambda = advantageOf.map(advantage => shapeFor(config, advantage).lambda);
    const weight = detached(logRatio, values => {
      const own = rows.reduce(tf.clipByValue(values, -LOG_LIMIT, LOG_LIMIT), 'sum');
      const logW = tf.clipByValue(tf.add(own, samplingLogs(rows, samplingRatio)), LOG_FLOOR, LOG_LIMIT);
      return tf.exp(tf.add(tf.tensor1d(lambda), tf.sub(tf.mul(k, logW), tf.mul(lambda, tf.exp(logW)))));
    });
    return tf.neg(tf.mul(tf.mul(weight, advantages), logps));
  },
  shares: perGenerationToken,
  readings: of => [reading('vespo/phi_seq_mean', 'mean', rowWeights(of))],
};

/** The gamma's shape and rate by the sign of the advantage. */
function shapeFor(config: LossConfig, advantage: number): { k: number; lambda: number } {
  return advantage >= 0
    ? { k: config.vespo_k_pos, lambda: Math.max(LEAST_LAMBDA, config.vespo_lambda_pos) }
    : { k: config.vespo_k_neg, lambda: Math.max(LEAST_LAMBDA, config.vespo_lambda_neg) };
}

/** log of behaviour policy over sampler of each token's row, [N]; zeros where they are the same. */
function samplingLogs(rows: Rows, samplingRatio: Float32Array | null): Float32Array {
  const sums = new Float64Array(rows.count);
  // Over all tokens: the ratio is 1 where the mask is 0 (see samplingRatio), and TRL does not look at the mask here.
  samplingRatio?.forEach((ratio, token) => {
    sums[rows.rowOf[token]] += clamp(Math.log(ratio), LOG_FLOOR, LOG_LIMIT);
  });
  return rows.spread(sums);
}

/** The same weights as `perToken` computes on the device, one a row; NaN for a row without tokens. */
function rowWeights({ config, rows, logRatio, advantages, samplingRatio }: LossReadings): number[] {
  const own = rows.perRow(
    logRatio.map(value => clamp(value, -LOG_LIMIT, LOG_LIMIT)),
    'sum',
  );
  const sampling = samplingLogs(rows, samplingRatio);
  const weights = Array.from({ length: rows.count }, () => NaN);
  rows.rowOf.forEach((row, token) => {
    const { k, lambda } = shapeFor(config, advantages[row]);
    const logW = clamp(own[row] + sampling[token], LOG_FLOOR, LOG_LIMIT);
    weights[row] = Math.exp(lambda + k * logW - lambda * Math.exp(logW));
  });
  return weights;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
