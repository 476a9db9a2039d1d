/** A recorded result against ours: the same padded tensors go in, and loss, gradient and metrics come out side by side. */
import * as tf from '@tensorflow/tfjs-core';
import { afterStep, appliedCoefficient, hasEntropyBonus } from '../entropy-control.ts';
import { grpoLoss, lossReadings, type LossTrace, type MicroBatch } from '../loss.ts';
import type { LossConfig, Normalizer } from '../losses/loss.ts';
import { MetricAccumulator } from '../metrics.ts';
import { Rows } from '../rows.ts';
import { samplingRatio, topEntropyMask } from '../token-masks.ts';
import {
  lossConfig,
  OVER_GENERATION,
  readSettings,
  type RecordedFile,
  type RecordedResult,
  type RecordedSettings,
} from './file.ts';

/**
 * TRL changed three normalisers on its way to release 1.10.0: luspo's mean went over padding, num_items_in_batch was not
 * rescaled to the optimizer step, and the entropy bonus of dapo, cispo and vespo was divided by it.
 */
export type TrlArithmetic = '1.10.0.dev0' | '1.10.0';

export interface Comparison {
  /** Absolute errors, divided by the size of the recorded value where that is above 1. */
  loss: number;
  /** The largest over all tokens. */
  gradient: number;
  /** One for each metric of the record; infinite for one that we do not have. */
  metrics: Record<string, number>;
}

/** Which arithmetic a file was made with. What says nothing is of the commit that the first recorded files came from. */
export function arithmeticOf(version: string): TrlArithmetic {
  const [major, minor] = version.split('.').map(Number);
  const released = major > 1 || (major === 1 && minor >= 10 && !version.includes('dev'));
  return released || (major === 1 && minor > 10) ? '1.10.0' : '1.10.0.dev0';
}

/** @throws {Error} when the result names a setting that is not known, or lacks an input that its setting needs. */
export async function compareResult(
  file: RecordedFile,
  result: RecordedResult,
  arithmetic: TrlArithmetic = arithmeticOf(file.trl_version),
): Promise<Comparison> {
  const settings = readSettings(result.settings);
  const inputs = recordedInputs(file, settings, arithmetic);
  const got = await evaluateLoss(inputs);
  const width = file.logps[0].length;
  const ours = measured(inputs, settings, got);
  return {
    loss: error(got.loss, result.loss),
    gradient: Math.max(
      ...got.grad.map((value, i) => error(value, result.grad[Math.floor(i / width)][i % width])),
    ),
    metrics: Object.fromEntries(
      Object.entries(result.metrics).map(([name, value]) => [name, error(ours[name] ?? NaN, value)]),
    ),
  };
}

/** The largest error of a comparison. */
export function worst({ loss, gradient, metrics }: Comparison): number {
  return Math.max(loss, gradient, ...Object.values(metrics));
}

export interface LossInputs {
  batch: Omit<MicroBatch, 'logps' | 'entropies'>;
  logps: Float32Array;
  entropies: Float32Array;
  config: LossConfig;
  normalizer: Normalizer;
}

/** A result's tensors, every token of the padded rows among them, flat in row order. */
export function recordedInputs(
  file: RecordedFile,
  settings: RecordedSettings,
  arithmetic: TrlArithmetic,
): LossInputs {
  const count = file.logps.length;
  const width = file.logps[0].length;
  const tokens = count * width;
  const flat = (name: 'logps' | 'old_logps' | 'ref_logps' | 'sampling_logps' | 'entropies') => {
    const values = file[name];
    if (!values)
      throw new Error(`The setting ${JSON.stringify(settings)} needs ${name}, which the file lacks.`);
    return Float32Array.from(values.flat());
  };
  const mask = Float32Array.from({ length: tokens }, (_, i) => {
    const [row, t] = [Math.floor(i / width), i % width];
    const tool = settings.tool_mask ? (file.tool_mask?.[row][t] ?? 1) : 1;
    const whole = settings.mask_truncated_completions && file.truncated?.[row] ? 0 : 1;
    return file.completion_mask[row][t] * tool * whole;
  });
  const rows = new Rows(
    Int32Array.from({ length: tokens }, (_, i) => Math.floor(i / width)),
    mask,
    count,
  );
  const entropies = file.entropies ? flat('entropies') : new Float32Array(tokens);
  const keep =
    settings.top_entropy_quantile < 1 ? topEntropyMask(entropies, mask, settings.top_entropy_quantile) : null;
  const mode = settings.vllm_importance_sampling_mode;
  const bounds = {
    min: settings.vllm_importance_sampling_clip_min,
    max: settings.vllm_importance_sampling_clip_max,
  };
  const perToken = mode
    ? mode.startsWith('token')
    : settings.importance_sampling_ratio && (file.importance_sampling_ratio?.[0].length ?? 1) > 1;
  const given = settings.importance_sampling_ratio ? file.importance_sampling_ratio : undefined;
  const control = { coefficient: settings.entropy_coef, lastEntropy: settings.last_world_entropy };
  return {
    batch: {
      rows,
      advantages: file.advantages,
      oldLogps: settings.on_policy ? null : flat('old_logps'),
      refLogps: settings.beta === 0 ? null : flat('ref_logps'),
      samplerLogps: mode ? flat('sampling_logps') : null,
      samplingRatio: mode
        ? samplingRatio(rows, flat('old_logps'), flat('sampling_logps'), mode, bounds)
        : (given &&
            Float32Array.from(rows.rowOf, (row, i) => given[row][given[row].length > 1 ? i % width : 0])) ||
          null,
      keep,
    },
    logps: flat('logps'),
    entropies,
    config: { ...lossConfig(file, settings), entropy_coef: appliedCoefficient(settings, control) },
    normalizer: normalizerOf(rows, keep, settings, arithmetic, broadcasts(settings, perToken) ? width : 1),
  };
}

/** Whether TRL's luspo has one value a token, although its policy term has one a row. */
function broadcasts(settings: RecordedSettings, ratioPerToken: boolean): boolean {
  return (
    settings.importance_sampling_level === 'token' ||
    settings.beta !== 0 ||
    settings.top_entropy_quantile < 1 ||
    ratioPerToken
  );
}

/** One micro-batch's normalisers, its part of the accumulation among them. */
function normalizerOf(
  rows: Rows,
  keep: Float32Array | null,
  settings: RecordedSettings,
  arithmetic: TrlArithmetic,
  width: number,
): Normalizer {
  const parts = settings.gradient_accumulation_steps;
  const tokens = Math.max(1, rows.lossTokens);
  const items = Math.max(1, settings.num_items_in_batch ?? rows.lossTokens);
  const released = arithmetic === '1.10.0';
  const generationTokens = released ? (items * parts) / (settings.steps_per_generation ?? parts) : items;
  const acted = keep ? keep.reduce((sum, kept) => sum + kept, 0) : rows.lossTokens;
  return {
    rows: rows.count * parts,
    tokens: tokens * parts,
    generationTokens,
    entropyTokens:
      !released && OVER_GENERATION.has(settings.loss_type) ? generationTokens : Math.max(1, acted) * parts,
    luspoWidth: released || width === 1 ? undefined : width,
  };
}

export interface LossOutputs {
  loss: number;
  grad: Float32Array;
  logRatio: Float32Array;
  kl: Float32Array | null;
  policyLoss: number | null;
}

/** Loss, its gradient in the log-probabilities, and what is read back. */
export async function evaluateLoss(of: LossInputs): Promise<LossOutputs> {
  let trace: LossTrace | undefined;
  const entropies = tf.tensor1d(of.entropies);
  const { value, grad } = tf.valueAndGrad(logps => {
    const result = grpoLoss(
      { ...of.batch, logps: logps as tf.Tensor1D, entropies },
      of.config,
      of.normalizer,
    );
    trace = result.trace;
    return result.loss;
  })(tf.tensor1d(of.logps));
  const { logRatio, kl, policyLoss } = trace!;
  const kept = [value, grad, entropies, logRatio, kl, policyLoss].filter(tensor => tensor !== null);
  const numbers = async (tensor: tf.Tensor) => Float32Array.from(await tensor.data<'float32'>());
  const result = {
    loss: (await numbers(value))[0],
    grad: await numbers(grad),
    logRatio: await numbers(logRatio),
    kl: kl && (await numbers(kl)),
    policyLoss: policyLoss && (await numbers(policyLoss))[0],
  };
  tf.dispose(kept);
  return result;
}

/** What TRL logs of one call of its loss. */
function measured(of: LossInputs, settings: RecordedSettings, got: LossOutputs): Record<string, number> {
  const { rows, advantages, samplingRatio: ratio, keep } = of.batch;
  const metrics = new MetricAccumulator();
  metrics.add(
    lossReadings({
      ...got,
      rows,
      advantages,
      config: of.config,
      samplingRatio: ratio,
      entropies: of.entropies,
    }),
  );
  const values = metrics.values();
  if (!hasEntropyBonus(settings)) return values;
  const weights = rows.mask.map((m, i) => m * (keep?.[i] ?? 1));
  const [sum, tokens] = weights.reduce(([s, n], w, i) => [s + w * of.entropies[i], n + w], [0, 0]);
  const control = { coefficient: settings.entropy_coef, lastEntropy: settings.last_world_entropy };
  // TRL logs the policy term before it is divided for accumulation, which it does for all but three losses.
  const parts = OVER_GENERATION.has(settings.loss_type) ? 1 : settings.gradient_accumulation_steps;
  return {
    ...values,
    policy_loss: (got.policyLoss ?? got.loss) * parts,
    entropy_coef: afterStep(settings, control, sum / Math.max(1, tokens)).coefficient,
  };
}

function error(ours: number, recorded: number): number {
  const difference = Math.abs(ours - recorded) / Math.max(1, Math.abs(recorded));
  return Number.isNaN(difference) ? Infinity : difference;
}
