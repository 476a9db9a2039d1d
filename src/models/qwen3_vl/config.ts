/** config.json of a Qwen3-VL model. */
import { MANY, NO_SCALED_POSITIONS, type ConfigReader } from '../config-reader.ts';
import { readActivation, type Activation } from '../siglip2/config.ts';

export interface Qwen3TextConfig {
  vocabularySize: number;
  hiddenSize: number;
  mlpSize: number;
  heads: number;
  keyValueHeads: number;
  headSize: number;
  /** One entry a layer. */
  layers: readonly 'full_attention'[];
  attentionBias: boolean;
  normEps: number;
  ropeTheta: number;
  /** Frequencies of height and width; the rest turn by time. */
  ropeSections: { height: number; width: number };
  maxPositions: number;
  tied: boolean;
  initializerRange: number;
  /** Leading layers after which a deepstack feature is added to the image tokens; features beyond the last layer are not used. */
  deepstackLayers: number;
}

export interface Qwen3VisionConfig {
  hiddenSize: number;
  mlpSize: number;
  heads: number;
  layers: number;
  patchSize: number;
  temporalPatchSize: number;
  channels: number;
  /** Side of a square of patches that becomes one token. */
  mergeSize: number;
  /** Side of the square table of position embeddings. */
  positionSide: number;
  outputSize: number;
  /** Blocks whose outputs become deepstack features, in the order of their mergers; the features go in that of the blocks. */
  deepstackBlocks: number[];
  activation: Activation;
  ropeTheta: number;
}

export interface Qwen3VlConfig {
  text: Qwen3TextConfig;
  vision: Qwen3VisionConfig;
}

/** @throws {ModelFormatError} config-invalid, naming the field */
export function readQwen3VlConfig(config: ConfigReader): Qwen3VlConfig {
  const vision = readVision(config.section('vision_config'));
  const text = readText(config.section('text_config'), vision.deepstackBlocks.length);
  if (vision.outputSize !== text.hiddenSize)
    config.fail(
      'vision_config.out_hidden_size',
      vision.outputSize,
      `text_config.hidden_size (${text.hiddenSize})`,
    );
  const tied = config.boolean(['tie_embedding', 'tie_word_embeddings'], text.tied);
  return { text: { ...text, tied }, vision };
}

function readText(config: ConfigReader, deepstackLayers: number): Qwen3TextConfig {
  const kind = config.string('model_type', 'qwen3_vl_text');
  if (kind !== 'qwen3_vl_text') config.fail('model_type', kind, '"qwen3_vl_text"');
  const activation = config.string('hidden_act', 'silu');
  if (activation !== 'silu') config.fail('hidden_act', activation, '"silu"');
  const hiddenSize = config.count('hidden_size', 4096);
  const heads = config.count('num_attention_heads', 32, MANY);
  // null is as many as there are heads, absent is 32: so in transformers.
  const keyValueHeads = config.count(
    'num_key_value_heads',
    config.isNull('num_key_value_heads') ? heads : 32,
    MANY,
  );
  if (heads % keyValueHeads)
    config.fail('num_key_value_heads', keyValueHeads, `a divisor of num_attention_heads (${heads})`);
  const headSize = config.count('head_dim', 128);
  if (headSize % 2) config.fail('head_dim', headSize, 'even, for rotary positions');
  const layers = config.count('num_hidden_layers', 32, MANY);
  const rope = config.section('rope_parameters');
  const scaling = config.section('rope_scaling');
  for (const section of [rope, scaling]) {
    const type = section.string(['rope_type', 'type'], 'default');
    // "mrope" is what Qwen2-VL called its default.
    if (type !== 'default' && type !== 'mrope') section.fail('rope_type', type, ...NO_SCALED_POSITIONS);
  }
  const sections = (rope.has('mrope_section') ? rope : scaling).numbers('mrope_section', [24, 20, 20]);
  const [, height = 0, width = 0] = sections;
  // Where they reach beyond the frequencies, height and width have fewer: so in transformers.
  if (sections.length !== 3 || !sections.every(section => Number.isSafeInteger(section) && section >= 0))
    config.fail('rope_parameters.mrope_section', sections, 'three counts of frequencies');
  return {
    vocabularySize: config.count('vocab_size', 151936),
    hiddenSize,
    mlpSize: config.count('intermediate_size', 22016),
    heads,
    keyValueHeads,
    headSize,
    layers: Array.from({ length: layers }, () => 'full_attention' as const),
    attentionBias: config.boolean('attention_bias', false),
    normEps: config.number('rms_norm_eps', 1e-6),
    ropeTheta: rope.has('rope_theta') ? rope.number('rope_theta') : config.number('rope_theta', 500_000),
    ropeSections: { height, width },
    maxPositions: config.count('max_position_embeddings', 128_000),
    tied: config.boolean('tie_word_embeddings', false),
    initializerRange: config.number('initializer_range', 0.02),
    deepstackLayers,
  };
}

function readVision(config: ConfigReader): Qwen3VisionConfig {
  const hiddenSize = config.count('hidden_size', 1152);
  const heads = config.count(['num_heads', 'num_attention_heads'], 16, MANY);
  if (hiddenSize % heads || (hiddenSize / heads) % 4)
    config.fail(
      'num_heads',
      heads,
      `such that hidden_size (${hiddenSize}) gives each head a multiple of 4 dimensions`,
    );
  const layers = config.count(['depth', 'num_hidden_layers'], 27, MANY);
  const positions = config.count('num_position_embeddings', 2304);
  const positionSide = Math.round(Math.sqrt(positions));
  if (positionSide ** 2 !== positions) config.fail('num_position_embeddings', positions, 'a square number');
  const deepstackBlocks = config.numbers('deepstack_visual_indexes', [8, 16, 24]);
  const isBlock = (block: number): boolean => Number.isInteger(block) && block >= 0 && block < layers;
  if (!deepstackBlocks.every(isBlock) || new Set(deepstackBlocks).size < deepstackBlocks.length)
    config.fail('deepstack_visual_indexes', deepstackBlocks, `block numbers below ${layers}, each once`);
  return {
    hiddenSize,
    mlpSize: config.count('intermediate_size', 4304),
    heads,
    layers,
    patchSize: config.count('patch_size', 16, MANY),
    temporalPatchSize: config.count('temporal_patch_size', 2, MANY),
    channels: config.count(['in_channels', 'in_chans'], 3, MANY),
    mergeSize: config.count('spatial_merge_size', 2, MANY),
    positionSide,
    outputSize: config.count('out_hidden_size', 3584),
    deepstackBlocks,
    activation: readActivation(config, 'hidden_act', 'gelu_pytorch_tanh'),
    ropeTheta: config.section('rope_parameters').number('rope_theta', 10_000),
  };
}
