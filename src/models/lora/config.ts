/** PEFT's adapter_config.json: what of it is understood, and a plain refusal of what would change the arithmetic. */
import { ModelFormatError } from '../errors.ts';

export const ADAPTER_CONFIG = 'adapter_config.json';

export interface LoraConfig {
  r: number;
  alpha: number;
  useRslora: boolean;
  /** Suffixes of module names, or one regular expression for the whole name. */
  targetModules: string | string[];
  excludeModules: string | string[] | null;
  rankPattern: Record<string, number>;
  alphaPattern: Record<string, number>;
  dropout: number;
}

/** Fields that are fine whatever they say: bookkeeping, or how the adapter was initialised before it was trained. */
const NEUTRAL = new Set([
  'peft_type',
  'task_type',
  'auto_mapping',
  'base_model_name_or_path',
  'revision',
  'inference_mode',
  'peft_version',
  'megatron_core',
  'qalora_group_size',
  'runtime_config',
  'layers_to_transform',
  'layers_pattern',
  'ensure_weight_tying',
  'loftq_config',
  'eva_config',
  'corda_config',
  'lora_ga_config',
]);

const UNDERSTOOD = new Set([
  'r',
  'lora_alpha',
  'lora_dropout',
  'use_rslora',
  'target_modules',
  'exclude_modules',
  'rank_pattern',
  'alpha_pattern',
  'bias',
  'init_lora_weights',
]);

/** Initialisations that leave the base weights as they were; PiSSA, OLoRA and CorDA change them. */
const PLAIN_INITS: unknown[] = [undefined, null, true, false, 'gaussian', 'eva', 'orthogonal', 'mica'];

function refuse(field: string, value: unknown, why: string): never {
  throw new ModelFormatError('adapter-unsupported', {
    message: `${ADAPTER_CONFIG}: ${field} is ${JSON.stringify(value)}; ${why}.`,
  });
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** @throws {ModelFormatError} adapter-unsupported, naming the field */
export function parseLoraConfig(json: Record<string, unknown>): LoraConfig {
  if (json.peft_type !== 'LORA') refuse('peft_type', json.peft_type, 'only LORA adapters can be loaded');
  if ((json.bias ?? 'none') !== 'none')
    refuse('bias', json.bias, 'only adapters with bias "none" can be loaded');
  if (!PLAIN_INITS.includes(json.init_lora_weights))
    refuse(
      'init_lora_weights',
      json.init_lora_weights,
      'it changes the base weights; convert the adapter to plain LoRA with PEFT first',
    );
  for (const [field, value] of Object.entries(json))
    if (!NEUTRAL.has(field) && !UNDERSTOOD.has(field) && !isEmpty(value))
      refuse(field, value, 'this variant of LoRA is not supported; merge it with PEFT, or train plain LoRA');
  return {
    r: rank('r', json.r),
    alpha: positive('lora_alpha', json.lora_alpha),
    useRslora: json.use_rslora === true,
    targetModules: names('target_modules', json.target_modules) ?? [],
    excludeModules: names('exclude_modules', json.exclude_modules),
    rankPattern: pattern('rank_pattern', json.rank_pattern, rank),
    alphaPattern: pattern('alpha_pattern', json.alpha_pattern, positive),
    dropout: typeof json.lora_dropout === 'number' ? json.lora_dropout : 0,
  };
}

function positive(field: string, value: unknown): number {
  if (typeof value !== 'number' || !(value > 0 && value < 1e9))
    refuse(field, value, 'it must be a positive number');
  return value;
}

/** More than the width of any layer. */
const MAX_RANK = 2 ** 16;

function rank(field: string, value: unknown): number {
  const number = positive(field, value);
  if (!Number.isInteger(number) || number > MAX_RANK)
    refuse(field, value, `a rank must be a whole number of at most ${MAX_RANK}`);
  return number;
}

function names(field: string, value: unknown): string | string[] | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value as string[];
  refuse(field, value, 'it must be a list of module names or one regular expression');
}

function pattern(
  field: string,
  value: unknown,
  read: (field: string, value: unknown) => number,
): Record<string, number> {
  if (typeof (value ?? {}) !== 'object' || Array.isArray(value))
    refuse(field, value, 'it must map module patterns to numbers');
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, number]) => [key, read(`${field}.${key}`, number)]));
}

/** The file's JSON, with the keys that PEFT releases old and new accept. */
export function writeLoraConfig(config: LoraConfig, baseName: string): Record<string, unknown> {
  return {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: baseName,
    revision: null,
    inference_mode: true,
    r: config.r,
    lora_alpha: config.alpha,
    lora_dropout: config.dropout,
    target_modules: config.targetModules,
    exclude_modules: config.excludeModules,
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    use_rslora: config.useRslora,
    use_dora: false,
    modules_to_save: null,
    layers_to_transform: null,
    layers_pattern: null,
    rank_pattern: config.rankPattern,
    alpha_pattern: config.alphaPattern,
  };
}
