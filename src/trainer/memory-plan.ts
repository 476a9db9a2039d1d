/**
 * What a run needs in memory, from the shapes of its model alone: known before a weight is downloaded. Weights, trained
 * values and caches are exact; activations are the estimate by which micro-batches are cut (rows.ts).
 */
import type { RunConfig } from '../config.ts';
import { halfRowsBytes, PAGE, packedBytes, type WeightFormat } from '../gpu/index.ts';
import { REMEMBERED_IMAGES } from '../models/language-model/image-encoder.ts';
import type { ModelDescription } from '../models/family.ts';
import { isPackable, type ParameterSpec } from '../models/parameter-spec.ts';
import type { MemoryNeed } from '../protocol.ts';
import { activationBytes, activationMemory, tokenBudget } from './rows.ts';

/** What of a model its needs depend on. */
export interface ModelShape {
  parameters: number;
  hiddenSize: number;
  layers: number;
  vocabularySize: number;
  /** Values that a token leaves in the key-value cache. */
  cachePerToken: number;
  /** Values of the largest matrix, with its shape. */
  largest: [rows: number, columns: number];
  specs: readonly ParameterSpec[];
  /** Most tokens of prompts that its decode plan reads at once; Infinity where it has none. */
  prefillTokens: number;
}

const count = ({ shape }: ParameterSpec): number => shape.reduce((product, size) => product * size, 1);

export function shapeOf({
  specs,
  prefillTokens = Infinity,
}: Pick<ModelDescription, 'specs' | 'prefillTokens'>): ModelShape {
  const text = specs.filter(({ vision }) => !vision);
  const table = text.find(({ name }) => name.endsWith('embed_tokens.weight'))!;
  const layers = new Set(text.flatMap(({ name }) => /\.layers\.(\d+)\./.exec(name)?.[1] ?? []));
  const keys = text.filter(({ name }) => /\.self_attn\.(k|v)_proj\.weight$/.test(name));
  const matrices = specs.filter(({ shape }) => shape.length === 2);
  const largest = matrices.reduce((most, spec) => (count(spec) > count(most) ? spec : most));
  return {
    parameters: specs.reduce((sum, spec) => sum + count(spec), 0),
    hiddenSize: table.shape[1],
    layers: layers.size,
    vocabularySize: table.shape[0],
    cachePerToken: keys.reduce((sum, { shape }) => sum + shape[0], 0),
    largest: [largest.shape[0], largest.shape[1]],
    specs,
    prefillTokens,
  };
}

/** Tokens of one turn: the page's structure at three letters a token, the instructions, the image, the reply. */
export function turnTokens(config: RunConfig, imageTokens: number): number {
  const { use_axtree, use_html, axtree_max_chars: letters, use_screenshot: sees } = config.observation;
  const texts = Number(use_axtree) + Number(use_html);
  // Most MiniWoB pages have far fewer letters than the most that is let through.
  const structure = (texts * Math.min(letters, 2400)) / 3;
  return Math.round(300 + structure + (sees ? imageTokens : 0) + config.max_completion_length);
}

/** Matrices with a row for each token of the vocabulary. */
const TABLES = /embed_tokens|lm_head/;

/** Values that train, and 16 bytes for each: itself, its gradient and AdamW's two moments. */
function trainedValues({ specs }: ModelShape, config: RunConfig): number {
  const text = specs.filter(({ vision }) => !vision || (!config.use_peft && config.train_vision));
  if (!config.use_peft) return text.reduce((sum, spec) => sum + count(spec), 0);
  const linears = text.filter(({ name, shape }) => shape.length === 2 && !TABLES.test(name));
  return linears.reduce((sum, { shape: [output, input] }) => sum + config.lora_r * (output + input), 0);
}

/**
 * Keys and values of sequences that run at once, in whole pages as the decode plan keeps them. Members of a group share the
 * pages of their prompt, so that this is the most: it holds where no prompt equals another.
 */
export function cacheBytes(
  { cachePerToken }: Pick<ModelShape, 'cachePerToken'>,
  sequences: number,
  tokens: number,
): number {
  return 4 * sequences * Math.ceil(tokens / PAGE) * PAGE * cachePerToken;
}

/** Rows of logits that are held at once, forward and backward. */
const LOGIT_ROWS = 512;

/** Rows of one optimizer step at most: a turn is one. */
function stepRows(config: RunConfig): number {
  if (config.method === 'sft') return config.sft_batch_size;
  return config.per_device_train_batch_size * config.gradient_accumulation_steps * config.max_turns;
}

/**
 * What `fp16` holds: the rows of the largest product as float16, of a micro-batch or of prompts that are read at once. Heads
 * and tables are not multiplied so. None where every product is float32.
 */
function halfRows(
  { specs, prefillTokens }: ModelShape,
  config: RunConfig,
  batch: number,
  tokens: number,
): number {
  if (!config.fp16 || !config.use_peft || config.weights === 'f32') return 0;
  const layers = specs.filter(spec => isPackable(spec) && !TABLES.test(spec.name));
  // Forward the columns are summed, for the gradient the rows.
  const widest = Math.max(0, ...layers.flatMap(({ shape }) => shape));
  const prompts = Math.min(config.frames * tokens, config.use_decode_plan ? prefillTokens : Infinity);
  return halfRowsBytes(Math.ceil(Math.max(batch, prompts)), widest);
}

/**
 * @param imageTokens  tokens that the screenshot of a task takes; 0 for a model that does not see
 * @param matrixUnits  whether the device has those that `fp16` asks for
 */
export function memoryNeeds(
  shape: ModelShape,
  config: RunConfig,
  backend: 'webgpu' | 'wasm',
  imageTokens: number,
  matrixUnits: boolean,
): MemoryNeed[] {
  const tokens = turnTokens(config, imageTokens);
  const perToken = activationBytes(shape, config, backend);
  // As rows.ts cuts them: a row is never cut, and an update has no more of them than this.
  const batch = Math.max(tokens, Math.min(stepRows(config) * tokens, tokenBudget(shape, config, backend)));
  const halves = matrixUnits ? halfRows(shape, config, batch, tokens) : 0;
  const trained = trainedValues(shape, config);
  // wasm keeps frozen matrices both ways round, as floats.
  const weights = backend === 'wasm' ? 8 * shape.parameters : weightBytes(shape.specs, config);
  return [
    { what: `weights (${backend === 'wasm' ? 'f32, twice' : config.weights})`, bytes: weights },
    {
      what: config.use_peft ? `adapter of rank ${config.lora_r}, with AdamW` : 'trained weights, with AdamW',
      bytes: 16 * trained,
    },
    {
      what: `activations of ${Math.round(batch)} tokens (estimate)`,
      bytes: batch * perToken,
    },
    { what: `caches of ${config.frames} episodes`, bytes: cacheBytes(shape, config.frames, tokens) },
    { what: 'logits', bytes: 8 * LOGIT_ROWS * shape.vocabularySize },
    ...(halves > 0 ? [{ what: "a product's rows as float16 (fp16)", bytes: halves }] : []),
    ...(imageTokens > 0
      ? [
          {
            what: `features of ${REMEMBERED_IMAGES} screenshots`,
            bytes: 4 * REMEMBERED_IMAGES * imageTokens * shape.hiddenSize,
          },
        ]
      : []),
    ...(keepsReference(config)
      ? [{ what: 'a copy of what trains, as the reference of the KL term (beta)', bytes: 4 * trained }]
      : []),
  ];
}

/** As reference.ts has it for a run that does not start from an adapter: without its adapter a model is its own reference. */
function keepsReference({ method, beta, use_peft: adapter, sync_ref_model: moves }: RunConfig): boolean {
  return method === 'grpo' && beta !== 0 && (!adapter || moves);
}

function weightBytes(specs: readonly ParameterSpec[], { weights, use_peft: frozen }: RunConfig): number {
  const format: WeightFormat = frozen ? weights : 'f32';
  return specs.reduce((sum, spec) => {
    const { shape } = spec;
    return (
      sum +
      (isPackable(spec)
        ? packedBytes(shape[0], shape[1], format)
        : 4 * shape.reduce((product, size) => product * size, 1))
    );
  }, 0);
}

export function totalOf(needs: readonly MemoryNeed[]): number {
  return needs.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Smaller choices, the least costly first: each with the words that say what changes. */
export function smallerChoices(
  config: RunConfig,
  backend: 'webgpu' | 'wasm',
): { words: string; config: RunConfig }[] {
  const formats: RunConfig['weights'][] = ['f32', 'f16', 'int8', 'int4'];
  const peft = config.use_peft ? config : { ...config, use_peft: true };
  const lighter = formats.slice(formats.indexOf(config.weights) + 1);
  const adapter = config.use_peft
    ? []
    : [{ words: 'training an adapter instead of all weights (use_peft)', config: peft }];
  const most = activationMemory(config, backend);
  const part = (divisor: number): number => Math.max(1, Math.floor(most / divisor));
  // A row then needs less than half of what it needed.
  const layered = config.gradient_checkpointing
    ? peft
    : { ...peft, gradient_checkpointing: true, activation_memory_mb: part(2) };
  const again = config.gradient_checkpointing
    ? []
    : [
        {
          words: `layers computed again for the gradient (gradient_checkpointing) and activation_memory_mb ${part(2)}`,
          config: layered,
        },
      ];
  const packed = lighter.map(weights => ({
    words: `weights as ${weights}`,
    config: { ...layered, weights },
  }));
  const last = packed.at(-1)?.config ?? layered;
  const activation_memory_mb = part(4);
  const single = { ...last, activation_memory_mb, frames: Math.max(1, config.frames >> 1) };
  const blind = { ...single, observation: { ...single.observation, use_screenshot: false } };
  return [
    ...adapter,
    ...again,
    ...packed,
    {
      words: `weights as ${last.weights}, half the frames and activation_memory_mb ${activation_memory_mb}`,
      config: single,
    },
    { words: 'the same without screenshots', config: blind },
  ];
}
