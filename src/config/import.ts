/** Configuration files: ours, TRL's, PEFT's adapter_config.json, the cookbook's; as YAML or JSON, which YAML contains. */
import { parse } from 'yaml';
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import { ConfigError, type FieldProblem } from './errors.ts';
import { PEFT_NAMES, REFUSED, TRL_DEFAULTS, WITHOUT_COUNTERPART } from './foreign.ts';
import { validateConfig } from './validate.ts';

export interface ImportedConfig {
  config: RunConfig;
  /** What the file says that has no counterpart here and changes nothing that is learnt. */
  notes: FieldProblem[];
}

type Fields = Record<string, unknown>;

/**
 * Reads a configuration file. A file in our own names leaves at our defaults what it leaves out; one with names that only
 * TRL, PEFT or the cookbook have leaves it at TRL's.
 *
 * @param base  fields that stand where the file says nothing, over the defaults.
 * @throws {ConfigError} `bad-config` naming every field that is unknown, out of range, or asks for what there is not here.
 */
export function readConfigFile(text: string, base: Partial<RunConfig> = {}): ImportedConfig {
  const { fields, notes } = readConfigFields(text);
  return { config: validateConfig({ ...base, ...fields }), notes };
}

/** The file's fields under our names, unchecked. @throws {ConfigError} when it is no mapping, or asks for what there is not. */
export function readConfigFields(text: string): { fields: Fields; notes: FieldProblem[] } {
  const whole = parseMapping(text);
  // A run's record (run.json) holds the configuration that it was made with.
  const file = flatten(isMapping(whole.config) && 'id' in whole ? whole.config : whole);
  const dialect = dialectOf(file);
  if (dialect === 'own') return { fields: file, notes: [] };
  const fields: Fields = dialect === 'peft' ? { use_peft: true } : { ...TRL_DEFAULTS };
  if (dialect === 'cookbook') Object.assign(fields, COOKBOOK);
  const notes: FieldProblem[] = [];
  const problems: FieldProblem[] = [];
  const batch = Number(file.per_device_train_batch_size ?? DEFAULT_CONFIG.per_device_train_batch_size);
  for (const [name, value] of Object.entries(file)) {
    const translated = translate(name, value, { dialect, batch, file });
    if (translated) Object.assign(fields, translated);
    else if (name in REFUSED) {
      const { allowed, why } = REFUSED[name];
      const known = allowed.map(one => JSON.stringify(one));
      if (!known.includes(JSON.stringify(value))) {
        problems.push({
          field: name,
          message: `${name} is ${JSON.stringify(value)}, but only ${known.join(' or ')} is available here: ${why}. Change or remove it.`,
        });
      }
    } else if (WITHOUT_COUNTERPART.has(name)) {
      notes.push({ field: name, message: `${name} has no counterpart here and is ignored.` });
    } else fields[name] = value;
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { fields, notes };
}

type Dialect = 'own' | 'trl' | 'peft' | 'cookbook';

/** Of the cookbook's example (examples/browser-control) that its files do not say: text only, OpenEnv's actions, click-test. */
const COOKBOOK: Fields = {
  tasks: ['click-test'],
  action_set: 'openenv',
  observation: { ...DEFAULT_CONFIG.observation, use_screenshot: false, axtree_max_chars: 2000 },
};

function dialectOf(file: Fields): Dialect {
  if ('version' in file) return 'own';
  if ('browsergym_url' in file || 'dataset_size' in file) return 'cookbook';
  if ('peft_type' in file || ('r' in file && 'target_modules' in file)) return 'peft';
  const foreign = (name: string) =>
    WITHOUT_COUNTERPART.has(name) || name in REFUSED || FOREIGN_NAMES.has(name);
  return Object.keys(file).some(foreign) ? 'trl' : 'own';
}

/** Names that are translated, and that no file of ours has. */
const FOREIGN_NAMES = new Set([
  'model_name_or_path',
  'model_name',
  'generation_batch_size',
  'warmup_ratio',
  'vllm_importance_sampling_cap',
  'disable_dropout',
  'max_tool_calling_iterations',
  'r',
  'target_modules',
]);

/** A foreign field under our names; null where it is ours already, or has no counterpart. */
function translate(
  name: string,
  value: unknown,
  { dialect, batch, file }: { dialect: Dialect; batch: number; file: Fields },
): Fields | null {
  switch (name) {
    case 'model_name_or_path':
    case 'model_name':
      return { model: modelName(value, file.model_revision) };
    case 'generation_batch_size':
      return value === null ? {} : { steps_per_generation: Number(value) / batch };
    case 'warmup_ratio':
      return value ? { warmup_steps: value } : {};
    case 'scale_rewards':
      return { scale_rewards: value === true ? 'group' : value === false ? 'none' : value };
    case 'max_steps':
      // The cookbook's name for the turns of an episode; TRL's -1 means as many as num_train_epochs gives.
      if (dialect === 'cookbook') return { max_turns: value };
      return Number(value) < 0 ? {} : null;
    case 'disable_dropout':
      // Over every module of the model, those of the adapter among them.
      return value === true ? { lora_dropout: 0 } : {};
    case 'max_tool_calling_iterations':
      return value === null ? {} : { max_turns: value };
    case 'dataset_size':
      return { max_steps: value };
    case 'top_k':
      return { top_k: value === null || value === -1 ? 0 : value };
    case 'reward_weights':
      return Array.isArray(value) && !('reward_funcs' in file) && value.length === 1 ? {} : null;
    case 'vllm_importance_sampling_cap':
      return value === null ? {} : { vllm_importance_sampling_clip_max: value };
    case 'vllm_importance_sampling_correction':
      return { vllm_importance_sampling_correction: value === true && file.use_vllm === true };
    case 'use_vllm':
      return {
        vllm_importance_sampling_correction:
          value === true && file.vllm_importance_sampling_correction !== false,
      };
    case 'save_steps':
    case 'eval_steps':
      return value === null ? {} : Number(value) > 0 && Number(value) < 1 ? {} : null;
    default:
      return dialect === 'peft' && name in PEFT_NAMES ? { [PEFT_NAMES[name]]: value } : null;
  }
}

/** A Hub repository's name as our `model` writes it; anything else is an address or a name of ours already. */
function modelName(value: unknown, revision: unknown): unknown {
  if (typeof value !== 'string' || !/^[\w.-]+\/[\w.-]+$/.test(value)) return value;
  return `hub:${value}${typeof revision === 'string' && revision !== 'main' ? `@${revision}` : ''}`;
}

/** PEFT's settings may stand below a name of their own beside TRL's. */
function flatten(file: Fields): Fields {
  const flat: Fields = {};
  for (const [name, value] of Object.entries(file)) {
    if ((name === 'peft_config' || name === 'lora' || name === 'lora_config') && isMapping(value)) {
      flat.use_peft = true;
      for (const [inner, leaf] of Object.entries(value)) flat[PEFT_NAMES[inner] ?? inner] = leaf;
    } else flat[name] = value;
  }
  return flat;
}

function parseMapping(text: string): Fields {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    const message = `The file is neither YAML nor JSON: ${(cause as Error).message.split('\n')[0]}`;
    throw new ConfigError([{ field: '', message }]);
  }
  if (isMapping(value)) return value;
  throw new ConfigError([
    { field: '', message: 'The file holds no settings. A configuration is a mapping of names to values.' },
  ]);
}

function isMapping(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
