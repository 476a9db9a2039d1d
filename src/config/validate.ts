/** Makes a configuration of anything: a stored run's, a file's, a link's. Either it is sound or every fault is named. */
import * as v from 'valibot';
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import { derived } from './derived.ts';
import { ConfigError, type FieldProblem } from './errors.ts';
import { parseEnvironment } from './environment-name.ts';
import { FIELD_PATHS, FIELDS, withField, type FieldPath } from './fields.ts';

/**
 * A whole configuration from what `input` says; fields it leaves out take their defaults.
 * Whether tasks and model exist is for those to say who know them.
 *
 * @throws {ConfigError} `bad-config`, with one problem for each unknown field, each value out of range, and each pair of
 *   fields that contradict one another.
 */
export function validateConfig(input: unknown): RunConfig {
  const { config, problems } = readConfig(input);
  const all = problems.length > 0 ? problems : contradictions(config);
  if (all.length > 0) throw new ConfigError(all);
  return config;
}

/** As `validateConfig`, but a bad field keeps its default and is reported; contradictions are not looked for. */
export function readConfig(input: unknown): { config: RunConfig; problems: FieldProblem[] } {
  let config = structuredClone(DEFAULT_CONFIG);
  if (!isRecord(input)) {
    return {
      config,
      problems: [{ field: '', message: `A configuration is an object, not ${show(input)}.` }],
    };
  }
  const problems: FieldProblem[] = [];
  if (input.version !== undefined && input.version !== DEFAULT_CONFIG.version) {
    const message = `version is ${show(input.version)}, but this page reads version ${DEFAULT_CONFIG.version}. Open it with the page that wrote it.`;
    return { config, problems: [{ field: 'version', message }] };
  }
  for (const [path, value] of leaves(input)) {
    if (!isFieldPath(path)) {
      problems.push({ field: path, message: unknownField(path) });
      continue;
    }
    const problem = checkField(path, value);
    if (problem) problems.push(problem);
    else config = withField(config, path, structuredClone(value));
  }
  return { config, problems };
}

/** What is wrong with one value of one setting; null when nothing is. */
export function checkField(path: FieldPath, value: unknown): FieldProblem | null {
  const { schema, allowed } = FIELDS[path].kind;
  if (v.safeParse(schema, value).success) return null;
  return { field: path, message: `${path} is ${show(value)}, but must be ${allowed}.` };
}

export function isFieldPath(path: string): path is FieldPath {
  return Object.hasOwn(FIELDS, path);
}

/** Settings that are each in range and make no sense together. */
export function contradictions(config: RunConfig): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const forbid = (when: boolean, field: FieldPath, message: string) => {
    if (when) problems.push({ field, message });
  };
  const { num_generations, per_device_train_batch_size, reward_funcs, reward_weights, loss_type } = config;
  const { generation_batch_size, steps_per_generation } = derived(config);
  if (config.method === 'grpo') {
    forbid(
      generation_batch_size % num_generations !== 0,
      'num_generations',
      `num_generations is ${num_generations}, but must divide the generation batch of ${generation_batch_size} episodes ` +
        `(per_device_train_batch_size ${per_device_train_batch_size} × steps_per_generation ${steps_per_generation}). Change one of the three.`,
    );
  }
  forbid(
    config.method === 'sft' && parseEnvironment(config.environment).kind === 'openenv',
    'method',
    `method is "sft", but environment is "${config.environment}", and a server gives no demonstrations. Set method to "grpo", or environment to "built-in".`,
  );
  forbid(
    reward_weights !== null && reward_weights.length !== reward_funcs.length,
    'reward_weights',
    `reward_weights has ${reward_weights?.length} numbers for ${reward_funcs.length} reward functions. Give one for each, or null.`,
  );
  forbid(
    reward_funcs.includes('custom') && config.custom_reward === null,
    'custom_reward',
    'custom_reward is null, but reward_funcs names custom. Give a function such as e => e.success ? 1 : 0, or remove custom from reward_funcs.',
  );
  const both = config.eval_tasks.filter(task => config.tasks.includes(task));
  forbid(
    both.length > 0,
    'eval_tasks',
    `eval_tasks names ${both.join(', ')}, which the run trains on and evaluates anyway. Name tasks that are not in tasks.`,
  );
  const slipping = config.sft_slip_tasks?.filter(task => !config.tasks.includes(task)) ?? [];
  forbid(
    slipping.length > 0,
    'sft_slip_tasks',
    `sft_slip_tasks names ${slipping.join(', ')}, which the run does not train on. Name tasks that are in tasks, or set it to null.`,
  );
  const weights = config.task_weights;
  forbid(
    weights !== null &&
      (weights.length !== config.tasks.length || weights.some(w => w < 0) || !weights.some(w => w > 0)),
    'task_weights',
    `task_weights is [${weights?.join(', ')}], but must be one number of at least 0 for each of the ${config.tasks.length} tasks, not all of them 0. Or set it to null.`,
  );
  forbid(
    config.sync_ref_model && config.beta === 0,
    'sync_ref_model',
    'sync_ref_model is true, but beta is 0, so there is no reference to synchronise. Set beta above 0, or sync_ref_model to false.',
  );
  forbid(
    config.sync_ref_model && config.beta !== 0 && config.use_peft && config.ref_model_mixup_alpha !== 1,
    'ref_model_mixup_alpha',
    `ref_model_mixup_alpha is ${config.ref_model_mixup_alpha}, but two LoRA adapters cannot be mixed factor by factor. Set it to 1, so that the reference becomes the policy, or use_peft to false.`,
  );
  forbid(
    config.vllm_importance_sampling_clip_min !== null &&
      config.vllm_importance_sampling_clip_max !== null &&
      config.vllm_importance_sampling_clip_min >= config.vllm_importance_sampling_clip_max,
    'vllm_importance_sampling_clip_min',
    `vllm_importance_sampling_clip_min is ${config.vllm_importance_sampling_clip_min}, but must be below vllm_importance_sampling_clip_max, which is ${config.vllm_importance_sampling_clip_max}. Change one of them.`,
  );
  const { vllm_importance_sampling_mode: mode, vllm_importance_sampling_correction: corrected } = config;
  forbid(
    corrected &&
      mode.endsWith('truncate') &&
      config.vllm_importance_sampling_clip_min === null &&
      config.vllm_importance_sampling_clip_max === null,
    'vllm_importance_sampling_clip_max',
    `vllm_importance_sampling_mode is "${mode}", but neither vllm_importance_sampling_clip_min nor vllm_importance_sampling_clip_max is set, so nothing would be clamped. Set one.`,
  );
  forbid(
    corrected && loss_type === 'vespo' && mode.startsWith('sequence'),
    'vllm_importance_sampling_mode',
    `vllm_importance_sampling_mode is "${mode}", but vespo sums the tokens' ratios itself. Set it to "token_truncate" or "token_mask".`,
  );
  forbid(
    loss_type === 'cispo' && config.epsilon_high === null,
    'epsilon_high',
    'epsilon_high is null, but cispo caps the ratio itself there and would cap every token at epsilon. Set it above 1; 5 is usual.',
  );
  forbid(
    loss_type === 'luspo' && config.importance_sampling_level !== 'sequence',
    'importance_sampling_level',
    'importance_sampling_level is "token", but luspo is defined on whole replies. Set it to "sequence".',
  );
  forbid(
    !config.use_peft && config.weights !== 'f32',
    'weights',
    `weights is "${config.weights}", but with use_peft false the weights themselves train, which packed ones cannot. Set weights to "f32", or use_peft to true.`,
  );
  forbid(
    !config.observation.use_screenshot && !config.observation.use_axtree && !config.observation.use_html,
    'observation.use_screenshot',
    'observation.use_screenshot, observation.use_axtree and observation.use_html are all false, so the policy would see nothing. Turn one on.',
  );
  return problems;
}

function unknownField(path: string): string {
  const wanted = path.toLowerCase().replaceAll(/[^a-z]/g, '');
  const known = FIELD_PATHS.find(field => {
    const name = field.replaceAll(/[^a-z]/g, '');
    return name === wanted || name.endsWith(wanted) || (wanted.length > 5 && name.includes(wanted));
  });
  return `${path} is not a setting${known ? `; ${known} is` : ''}. Remove it or correct its name.`;
}

/** Paths and values of an object's settings; `observation` is the one that nests. */
function leaves(input: Record<string, unknown>): [string, unknown][] {
  return Object.entries(input).flatMap(([key, value]): [string, unknown][] => {
    if (key === 'version') return [];
    if (key !== 'observation' || !isRecord(value)) return [[key, value]];
    return Object.entries(value).map(([inner, leaf]) => [`observation.${inner}`, leaf]);
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as the user wrote it, cut to a readable length. */
function show(value: unknown): string {
  const written = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return written.length > 60 ? `${written.slice(0, 57)}…` : written;
}
