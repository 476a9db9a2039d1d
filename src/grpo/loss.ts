/** The GRPO objective of a micro-batch: the loss that is differentiated, and what is reported about it afterwards. */
import * as tf from '@tensorflow/tfjs-core';
import { detached } from './detached.ts';
import type { LossConfig, Normalizer } from './losses/loss.ts';
import { LOSSES } from './losses/registry.ts';
import { tokenMean, type Reading } from './metrics.ts';
import type { Rows } from './rows.ts';

/** One micro-batch. [N] runs over completion tokens, [B] over rows; a row is a turn. */
export interface MicroBatch {
  rows: Rows;
  /** [B], the advantage of the row's episode. Leave rows of failed episodes out. */
  advantages: ArrayLike<number>;
  /** [N], log-probabilities of the sampled tokens under the policy; the loss is differentiated through them. */
  logps: tf.Tensor1D;
  /** [N], at generation time. Null when the policy has not moved since, so that every ratio is 1. */
  oldLogps: tf.Tensor1D | Float32Array | null;
  /** [N], under the reference model. Needed when beta is not 0. */
  refLogps?: tf.Tensor1D | Float32Array | null;
  /** [N], what the sampler itself reported; the off-policy mask then measures drift from the sampler. */
  samplerLogps?: tf.Tensor1D | Float32Array | null;
  /** [N], behaviour policy over sampler (see samplingRatio; vespo takes a token mode); null where one path computes both. */
  samplingRatio?: Float32Array | null;
  /** [N], 0 for a token whose policy term is left out (see topEntropyMask). */
  keep?: Float32Array | null;
  /** [N], nats. Needed for an entropy bonus. */
  entropies?: tf.Tensor1D | null;
}

/** What to read back after the step. The tensors are kept: dispose of them. */
export interface LossTrace {
  /** [N], log of policy over behaviour policy, token by token. */
  logRatio: tf.Tensor1D;
  /** [N], the KL term's estimate; null when beta is 0. */
  kl: tf.Tensor1D | null;
  /** The loss without its entropy bonus; null when there is none. */
  policyLoss: tf.Scalar | null;
}

/**
 * The micro-batch's part of the step's loss, differentiable in `logps` (and `entropies`).
 * Parts of one optimizer step add up to the value of one big batch: do not divide by gradient_accumulation_steps.
 *
 * @throws {RangeError} when an input that the configuration needs is missing, or shapes disagree.
 * @see TRL GRPOTrainer._compute_loss
 */
export function grpoLoss(
  batch: MicroBatch,
  config: LossConfig,
  normalizer: Normalizer,
): { loss: tf.Scalar; trace: LossTrace } {
  check(batch, config);
  const { rows, logps } = batch;
  const loss = LOSSES[config.loss_type];
  const advantageOf = rows.spread(batch.advantages);
  const samplingRatio = batch.samplingRatio ?? null;
  const logRatio: tf.Tensor1D = tf.sub(logps, batch.oldLogps ?? detached(logps, tf.clone));
  const sequence = config.importance_sampling_level === 'sequence';
  const ratio: tf.Tensor1D = tf.exp(sequence ? rows.reduce(logRatio, 'mean') : logRatio);

  let perToken = loss.perToken({
    config,
    rows,
    logps,
    ratio,
    logRatio,
    advantages: tf.tensor1d(advantageOf),
    advantageOf,
    samplingRatio,
  });
  if (config.off_policy_mask_threshold !== null) {
    perToken = tf.mul(perToken, offPolicyMask(batch, advantageOf, config.off_policy_mask_threshold));
  }
  if (batch.keep) perToken = tf.mul(perToken, batch.keep);
  if (samplingRatio && !loss.weighsSampling) perToken = tf.mul(perToken, samplingRatio);

  let kl: tf.Tensor1D | null = null;
  if (config.beta !== 0 && batch.refLogps) {
    kl = klEstimate(logps, batch.refLogps);
    if (config.use_bias_correction_kl) kl = tf.mul(kl, ratio);
    perToken = tf.add(perToken, tf.mul(kl, config.beta));
  }

  const policyLoss: tf.Scalar = tf.sum(tf.mul(perToken, loss.shares(rows, normalizer, config)));
  const bonus = config.entropy_coef !== 0 && batch.entropies ? entropySum(batch, batch.entropies) : null;
  const weight = config.entropy_coef / Math.max(1, normalizer.entropyTokens);
  return {
    loss: bonus ? tf.sub(policyLoss, tf.mul(bonus, weight)) : policyLoss,
    trace: {
      logRatio: tf.keep(tf.clone(logRatio)),
      kl: kl && tf.keep(tf.clone(kl)),
      policyLoss: bonus && tf.keep(tf.clone(policyLoss)),
    },
  };
}

/** Entropies of the tokens that the policy term acts on, added up. */
function entropySum({ rows, keep }: MicroBatch, entropies: tf.Tensor1D): tf.Scalar {
  return tf.sum(
    tf.mul(
      entropies,
      rows.mask.map((m, i) => m * (keep?.[i] ?? 1)),
    ),
  );
}

/** The k3 estimate of KL(policy ‖ reference) at each token: exp(d) - d - 1 with d = ref - policy; never negative. */
function klEstimate(logps: tf.Tensor1D, refLogps: tf.Tensor1D | Float32Array): tf.Tensor1D {
  const difference = tf.sub(refLogps, logps);
  return tf.sub(tf.sub(tf.exp(difference), difference), 1);
}

/** DeepSeek-V3.2's off-policy sequence mask, [N]: 0 for rows of negative advantage that drifted beyond the threshold. */
function offPolicyMask(batch: MicroBatch, advantageOf: Float32Array, threshold: number): tf.Tensor1D {
  const { rows } = batch;
  return detached(batch.logps, logps => {
    const drift = tf.sub(batch.samplerLogps ?? batch.oldLogps ?? logps, logps) as tf.Tensor1D;
    const near = tf.cast(tf.lessEqual(rows.reduce(drift, 'mean'), threshold), 'float32');
    return tf.maximum(
      near,
      advantageOf.map(advantage => Number(advantage >= 0)),
    );
  });
}

/**
 * What TRL logs about a micro-batch's loss, from values read back after the step.
 *
 * @param of.kl  [N], `trace.kl`.
 * @param of.entropies  [N], nats.
 */
export function lossReadings(of: {
  rows: Rows;
  advantages: ArrayLike<number>;
  config: LossConfig;
  logRatio: Float32Array;
  kl?: Float32Array | null;
  entropies?: Float32Array | null;
  samplingRatio?: Float32Array | null;
}): Reading[] {
  const { rows, config, logRatio } = of;
  const own = LOSSES[config.loss_type].readings({
    rows,
    config,
    logRatio,
    advantages: of.advantages,
    samplingRatio: of.samplingRatio ?? null,
  });
  if (of.kl) own.push(tokenMean('kl', of.kl, rows.mask));
  if (of.entropies) own.push(tokenMean('entropy', of.entropies, rows.mask));
  return own;
}

function check(batch: MicroBatch, config: LossConfig): void {
  const n = batch.rows.tokens;
  if (batch.advantages.length !== batch.rows.count) {
    throw new RangeError(`${batch.advantages.length} advantages for ${batch.rows.count} rows.`);
  }
  const { logps, oldLogps, refLogps, samplerLogps, samplingRatio, keep, entropies } = batch;
  const sized = { logps, oldLogps, refLogps, samplerLogps, samplingRatio, keep, entropies };
  for (const [name, values] of Object.entries(sized)) {
    const size = values instanceof Float32Array ? values.length : values?.size;
    if (size !== undefined && size !== n) throw new RangeError(`${name} has ${size} values for ${n} tokens.`);
  }
  if (config.beta !== 0 && !refLogps)
    throw new RangeError(`beta is ${config.beta}, but refLogps is missing.`);
  if (config.entropy_coef !== 0 && !entropies) {
    throw new RangeError(`entropy_coef is ${config.entropy_coef}, but entropies is missing.`);
  }
}
