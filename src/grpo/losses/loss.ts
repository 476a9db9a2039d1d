/** What a loss is: the value of each token, each token's share of the total, and what it reports about itself. */
import type * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../config.ts';
import type { Reading } from '../metrics.ts';
import type { Rows } from '../rows.ts';

/** The fields of a run's configuration that a loss reads. */
export type LossConfig = Pick<
  RunConfig,
  | 'loss_type'
  | 'importance_sampling_level'
  | 'epsilon'
  | 'epsilon_high'
  | 'delta'
  | 'beta'
  | 'use_bias_correction_kl'
  | 'off_policy_mask_threshold'
  | 'max_completion_length'
  | 'sapo_temperature_neg'
  | 'sapo_temperature_pos'
  | 'vespo_k_pos'
  | 'vespo_lambda_pos'
  | 'vespo_k_neg'
  | 'vespo_lambda_neg'
  /** As applied in this step: an adaptive one is 0 while the entropy is above its target. Needs `entropies` as a tensor. */
  | 'entropy_coef'
>;

/**
 * Totals that turn sums over micro-batches into the value of one big batch.
 * `rows` and `tokens` count what accumulates into one optimizer step, `generationTokens` one generation batch;
 * they are equal in the usual case of one optimizer step per generation batch.
 */
export interface Normalizer {
  /** Rows (turns) in all micro-batches of the optimizer step. */
  rows: number;
  /** Loss tokens (mask 1) in all micro-batches of the optimizer step. */
  tokens: number;
  /** Loss tokens that the generation batch has for one optimizer step: TRL's num_items_in_batch, rescaled to the step. */
  generationTokens: number;
  /** Tokens that the entropy bonus is a mean over: the step's loss tokens, of which top_entropy_quantile keeps some. */
  entropyTokens: number;
  /** Set to the padded length of a row where luspo's mean must go over padding too, as TRL's did before release 1.10.0. */
  luspoWidth?: number;
}

/** What a per-token loss is made of. Tensors are [N], one value per token of the micro-batch. */
export interface LossTerms {
  config: LossConfig;
  rows: Rows;
  logps: tf.Tensor1D;
  /** Policy over behaviour policy: the token's ratio, or its row's at sequence level. */
  ratio: tf.Tensor1D;
  /** log of the token's own ratio at either level. */
  logRatio: tf.Tensor1D;
  /** The row's advantage at every token. A constant. */
  advantages: tf.Tensor1D;
  /** The row's advantage at every token, readable. */
  advantageOf: Float32Array;
  /** [N], behaviour policy over sampler where they differ. `grpoLoss` multiplies it in, save for a loss that `weighsSampling`. */
  samplingRatio: Float32Array | null;
}

/** What is known of a micro-batch after the step, read back from the device. */
export interface LossReadings {
  rows: Rows;
  config: LossConfig;
  /** [N], of the token itself at either level. */
  logRatio: Float32Array;
  /** [B] */
  advantages: ArrayLike<number>;
  samplingRatio: Float32Array | null;
}

/** A plug-in. */
export interface Loss {
  readonly name: RunConfig['loss_type'];
  /** True when `perToken` weighs the sampler's mismatch itself. */
  readonly weighsSampling?: boolean;
  /** [N], to be minimised. */
  perToken(terms: LossTerms): tf.Tensor1D;
  /** [N], what each token's value counts in the step's loss; 0 where the mask is 0. */
  shares(rows: Rows, normalizer: Normalizer, config: LossConfig): Float32Array;
  /** Metrics of its own, under TRL's names. */
  readings(of: LossReadings): Reading[];
}
