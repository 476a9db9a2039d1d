/** What a token counts in the loss of a step. Each rule gives one total however the step is cut into micro-batches. */
import type { Rows } from '../rows.ts';
import type { LossConfig, Normalizer } from './loss.ts';

type Shares = (rows: Rows, normalizer: Normalizer, config: LossConfig) => Float32Array;

/** Every row weighs the same, its tokens share the weight: mean over rows of the mean over tokens. */
export const perRowMean: Shares = (rows, normalizer) =>
  each(rows, row => 1 / Math.max(1, rows.lengths[row]) / Math.max(1, normalizer.rows));

/** Every row's tokens are summed, rows are averaged. With `luspoWidth`, a row's mean over its padding, times its length. */
export const perRowSum: Shares = (rows, { rows: count, luspoWidth }) =>
  luspoWidth === undefined
    ? each(rows, () => 1 / Math.max(1, count))
    : Float32Array.from(rows.rowOf, row => rows.lengths[row] / (Math.max(1, count) * luspoWidth));

/** Every token of the optimizer step weighs the same. */
export const perStepToken: Shares = (rows, normalizer) =>
  each(rows, () => 1 / Math.max(1, normalizer.tokens));

/** Every token of the generation batch weighs the same. */
export const perGenerationToken: Shares = (rows, normalizer) =>
  each(rows, () => 1 / (normalizer.generationTokens || 1));

/** Every token weighs what it would in a reply of full length: long replies are not diluted. */
export const perFullLength: Shares = (rows, normalizer, config) =>
  each(rows, () => 1 / (Math.max(1, normalizer.rows) * config.max_completion_length));

function each(rows: Rows, weight: (row: number) => number): Float32Array {
  return Float32Array.from(rows.rowOf, (row, token) => rows.mask[token] * weight(row));
}
