/** TRL's recorded losses as our inputs. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import fixture from '../../tests/fixtures/trl_loss/losses.json' with { type: 'json' };
import { DEFAULT_CONFIG } from '../config.ts';
import { grpoLoss, type LossTrace, type MicroBatch } from './loss.ts';
import type { LossConfig, Normalizer } from './losses/loss.ts';
import { Rows } from './rows.ts';
import { topEntropyMask } from './token-masks.ts';

/** What a recorded case was run with. */
export interface Settings {
  loss_type: LossConfig['loss_type'];
  level: LossConfig['importance_sampling_level'];
  beta: number;
  eps: number;
  eps_high: number;
  delta?: number;
  tool_mask?: boolean;
  bias_corr?: boolean;
  on_policy?: boolean;
  entropy_quantile?: number;
  isr?: boolean;
  entropy_coef?: number;
  opsm?: number;
}

export interface Recorded {
  settings: Settings;
  loss: number;
  /** [rows][tokens] */
  grad: number[][];
  metrics: Record<string, number>;
}

/** Cast twice because JSON's strings are wider than the names they hold. */
export const RECORDED = fixture.results as unknown as Recorded[];
const TOKENS = fixture.logps[0].length;

export function configOf(settings: Settings): LossConfig {
  return {
    ...DEFAULT_CONFIG,
    loss_type: settings.loss_type,
    importance_sampling_level: settings.level,
    beta: settings.beta,
    epsilon: settings.eps,
    epsilon_high: settings.eps_high,
    delta: settings.delta ?? null,
    use_bias_correction_kl: settings.bias_corr ?? false,
    max_completion_length: fixture.max_completion_length,
    sapo_temperature_pos: fixture.sapo_temperature_pos,
    sapo_temperature_neg: fixture.sapo_temperature_neg,
    vespo_k_pos: fixture.vespo.k_pos,
    vespo_lambda_pos: fixture.vespo.lambda_pos,
    vespo_k_neg: fixture.vespo.k_neg,
    vespo_lambda_neg: fixture.vespo.lambda_neg,
    off_policy_mask_threshold: settings.opsm ?? null,
    entropy_coef: settings.entropy_coef ?? 0,
  };
}

/** The recorded rows `chosen`, without padding; values are [N] over completion tokens. */
export function batchOf(settings: Settings, chosen = fixture.logps.map((_, row) => row)) {
  const places = chosen.flatMap((row, b) =>
    Array.from({ length: TOKENS }, (_, t) => ({ row, b, t })).filter(
      ({ t }) => fixture.completion_mask[row][t] === 1,
    ),
  );
  const flat = (values: number[][]) => Float32Array.from(places, ({ row, t }) => values[row][t]);
  const mask = settings.tool_mask ? flat(fixture.tool_mask) : new Float32Array(places.length).fill(1);
  const entropies = flat(fixture.entropies);
  const rows = new Rows(
    Int32Array.from(places, ({ b }) => b),
    mask,
    chosen.length,
  );
  return {
    places,
    logps: flat(fixture.logps),
    entropies,
    batch: {
      rows,
      advantages: chosen.map(row => fixture.advantages[row]),
      oldLogps: settings.on_policy ? null : flat(fixture.old_logps),
      refLogps: flat(fixture.ref_logps),
      samplingRatio: settings.isr ? flat(fixture.importance_sampling_ratio) : null,
      keep: settings.entropy_quantile ? topEntropyMask(entropies, mask, settings.entropy_quantile) : null,
    } satisfies Omit<MicroBatch, 'logps'>,
  };
}

export function totalsOf(rows: Rows): Normalizer {
  return { rows: rows.count, tokens: rows.lossTokens, generationTokens: rows.lossTokens };
}

/** Loss, its gradient in the log-probabilities, and what is read back. */
export async function evaluate(of: {
  batch: Omit<MicroBatch, 'logps'>;
  logps: Float32Array;
  config: LossConfig;
  normalizer: Normalizer;
}): Promise<{ loss: number; grad: Float32Array; logRatio: Float32Array; kl: Float32Array | null }> {
  let trace: LossTrace | undefined;
  const { value, grad } = tf.valueAndGrad(logps => {
    const result = grpoLoss({ ...of.batch, logps: logps as tf.Tensor1D }, of.config, of.normalizer);
    trace = result.trace;
    return result.loss;
  })(tf.tensor1d(of.logps));
  if (!trace) throw new Error('The loss was not evaluated.');
  const result = {
    loss: (await value.data())[0],
    grad: await grad.data<'float32'>(),
    logRatio: await trace.logRatio.data<'float32'>(),
    kl: trace.kl && (await trace.kl.data<'float32'>()),
  };
  tf.dispose([value, grad, trace.logRatio]);
  trace.kl?.dispose();
  return result;
}
