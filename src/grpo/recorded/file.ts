/** Files of losses that TRL itself computed: their layout, checked, and each setting under TRL's names. */
import * as v from 'valibot';
import { DEFAULT_CONFIG, type RunConfig } from '../../config.ts';
import type { LossConfig } from '../losses/loss.ts';

const Row = v.pipe(v.array(v.number()), v.minLength(1));
/** [rows][tokens], padded to one length. */
const Table = v.pipe(v.array(Row), v.minLength(1));

const FileSchema = v.object({
  trl_version: v.optional(v.string(), 'unknown'),
  max_completion_length: v.number(),
  sapo_temperature_pos: v.optional(v.number(), DEFAULT_CONFIG.sapo_temperature_pos),
  sapo_temperature_neg: v.optional(v.number(), DEFAULT_CONFIG.sapo_temperature_neg),
  vespo: v.optional(
    v.object({ k_pos: v.number(), lambda_pos: v.number(), k_neg: v.number(), lambda_neg: v.number() }),
    { k_pos: 2, lambda_pos: 3, k_neg: 3, lambda_neg: 2 },
  ),
  logps: Table,
  old_logps: v.optional(Table),
  ref_logps: v.optional(Table),
  sampling_logps: v.optional(Table),
  entropies: v.optional(Table),
  advantages: Row,
  completion_mask: Table,
  tool_mask: v.optional(Table),
  /** One a token, or one a row. */
  importance_sampling_ratio: v.optional(Table),
  truncated: v.optional(v.array(v.boolean())),
  results: v.array(
    v.object({
      settings: v.record(v.string(), v.unknown()),
      loss: v.number(),
      grad: Table,
      metrics: v.record(v.string(), v.number()),
    }),
  ),
});

export type RecordedFile = v.InferOutput<typeof FileSchema>;
export type RecordedResult = RecordedFile['results'][number];

const Switch = v.boolean();
const Count = v.pipe(v.number(), v.minValue(0));

/** What a result may say of how it was made; each also under the short name that the first files used. */
const SettingsSchema = v.strictObject({
  loss_type: v.picklist(['grpo', 'bnpo', 'dr_grpo', 'dapo', 'cispo', 'sapo', 'luspo', 'vespo']),
  importance_sampling_level: v.optional(v.picklist(['token', 'sequence']), 'token'),
  beta: v.optional(v.number(), 0),
  epsilon: v.optional(v.number(), DEFAULT_CONFIG.epsilon),
  epsilon_high: v.nullish(v.number(), null),
  delta: v.nullish(v.number(), null),
  use_bias_correction_kl: v.optional(Switch, false),
  off_policy_mask_threshold: v.nullish(v.number(), null),
  top_entropy_quantile: v.optional(v.number(), 1),
  entropy_coef: v.optional(v.number(), 0),
  use_adaptive_entropy: v.optional(Switch, false),
  entropy_coef_min: v.optional(v.number(), DEFAULT_CONFIG.entropy_coef_min),
  entropy_coef_max: v.optional(v.number(), DEFAULT_CONFIG.entropy_coef_max),
  entropy_coef_delta: v.optional(v.number(), DEFAULT_CONFIG.entropy_coef_delta),
  entropy_target: v.optional(v.number(), DEFAULT_CONFIG.entropy_target),
  /** Mean entropy of the optimizer step before; none before the first. */
  last_world_entropy: v.nullish(v.number(), null),
  /** Whether the policy has not moved since it sampled, so that old_logps are not given to the loss. */
  on_policy: v.optional(Switch, false),
  /** Whether the file's tool_mask applies. */
  tool_mask: v.optional(Switch, false),
  mask_truncated_completions: v.optional(Switch, false),
  /** Whether the file's importance_sampling_ratio applies. */
  importance_sampling_ratio: v.optional(Switch, false),
  /** Computes that ratio from old_logps and sampling_logps instead. */
  vllm_importance_sampling_mode: v.nullish(
    v.picklist(['token_truncate', 'token_mask', 'sequence_truncate', 'sequence_mask']),
    null,
  ),
  vllm_importance_sampling_clip_min: v.nullish(v.number(), null),
  vllm_importance_sampling_clip_max: v.nullish(v.number(), 3),
  gradient_accumulation_steps: v.optional(Count, 1),
  steps_per_generation: v.nullish(Count, null),
  /** TRL's count of loss tokens in the generation batch; the rows' own where it is not given. */
  num_items_in_batch: v.nullish(Count, null),
  max_completion_length: v.optional(Count),
  sapo_temperature_pos: v.optional(v.number()),
  sapo_temperature_neg: v.optional(v.number()),
  vespo_k_pos: v.optional(v.number()),
  vespo_lambda_pos: v.optional(v.number()),
  vespo_k_neg: v.optional(v.number()),
  vespo_lambda_neg: v.optional(v.number()),
});

export type RecordedSettings = v.InferOutput<typeof SettingsSchema>;

const SHORT_NAMES: Record<string, keyof RecordedSettings> = {
  level: 'importance_sampling_level',
  eps: 'epsilon',
  eps_high: 'epsilon_high',
  bias_corr: 'use_bias_correction_kl',
  opsm: 'off_policy_mask_threshold',
  entropy_quantile: 'top_entropy_quantile',
  isr: 'importance_sampling_ratio',
  sampler: 'vllm_importance_sampling_mode',
  clip_min: 'vllm_importance_sampling_clip_min',
  clip_max: 'vllm_importance_sampling_clip_max',
  mask_truncated: 'mask_truncated_completions',
};

/** @throws {Error} with a sentence that names the first fault. */
export function readRecordedFile(json: unknown): RecordedFile {
  const file = parse(FileSchema, json, 'The file');
  const rows = file.logps.length;
  const tokens = file.logps[0].length;
  const tables = { ...file, importance_sampling_ratio: undefined };
  for (const [name, value] of Object.entries(tables)) {
    if (!Array.isArray(value) || name === 'results') continue;
    if (value.length !== rows) throw new Error(`${name} has ${value.length} rows, but logps has ${rows}.`);
    for (const row of value) {
      if (Array.isArray(row) && row.length !== tokens) {
        throw new Error(`${name} has a row of ${row.length} tokens, but logps has ${tokens}.`);
      }
    }
  }
  return file;
}

/** The result's settings under TRL's names. @throws {Error} naming a setting that is not known or has a wrong value. */
export function readSettings(settings: Record<string, unknown>): RecordedSettings {
  const named = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [SHORT_NAMES[name] ?? name, value]),
  );
  return parse(SettingsSchema, named, `The setting ${JSON.stringify(settings)}`);
}

/** What the loss reads of them. */
export function lossConfig(file: RecordedFile, settings: RecordedSettings): LossConfig {
  const { vespo } = file;
  return {
    loss_type: settings.loss_type,
    importance_sampling_level: settings.importance_sampling_level,
    epsilon: settings.epsilon,
    epsilon_high: settings.epsilon_high,
    delta: settings.delta,
    beta: settings.beta,
    use_bias_correction_kl: settings.use_bias_correction_kl,
    off_policy_mask_threshold: settings.off_policy_mask_threshold,
    max_completion_length: settings.max_completion_length ?? file.max_completion_length,
    sapo_temperature_pos: settings.sapo_temperature_pos ?? file.sapo_temperature_pos,
    sapo_temperature_neg: settings.sapo_temperature_neg ?? file.sapo_temperature_neg,
    vespo_k_pos: settings.vespo_k_pos ?? vespo.k_pos,
    vespo_lambda_pos: settings.vespo_lambda_pos ?? vespo.lambda_pos,
    vespo_k_neg: settings.vespo_k_neg ?? vespo.k_neg,
    vespo_lambda_neg: settings.vespo_lambda_neg ?? vespo.lambda_neg,
    entropy_coef: settings.entropy_coef,
  };
}

/** Losses whose tokens are averaged over the generation batch. */
export const OVER_GENERATION: ReadonlySet<RunConfig['loss_type']> = new Set(['dapo', 'cispo', 'vespo']);

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const at = v.getDotPath(issue);
  throw new Error(`${what} is not as expected${at ? ` at ${at}` : ''}: ${issue.message}`);
}
