/** config.json of an LFM2 language model, with the aliases under which its fields have been published. */
import { MANY, NO_SCALED_POSITIONS, type ConfigReader } from '../config-reader.ts';

export type LayerKind = 'conv' | 'full_attention';

export interface Lfm2Config {
  vocabularySize: number;
  hiddenSize: number;
  /** Of the gated MLP, after the width rule. */
  mlpSize: number;
  heads: number;
  keyValueHeads: number;
  headSize: number;
  layers: LayerKind[];
  /** conv_L_cache. */
  kernelSize: number;
  convBias: boolean;
  normEps: number;
  ropeTheta: number;
  maxPositions: number;
  tied: boolean;
  initializerRange: number;
}

/** @throws {ModelFormatError} config-invalid, naming the field */
export function readLfm2Config(config: ConfigReader): Lfm2Config {
  const hiddenSize = config.count('hidden_size');
  const heads = config.count('num_attention_heads', undefined, MANY);
  const keyValueHeads = config.count('num_key_value_heads', 8, MANY);
  if (heads % keyValueHeads)
    config.fail('num_key_value_heads', keyValueHeads, `a divisor of num_attention_heads (${heads})`);
  if (!config.has('head_dim') && hiddenSize % heads)
    config.fail(
      'num_attention_heads',
      heads,
      `a divisor of hidden_size (${hiddenSize}), or head_dim must be given`,
    );
  const headSize = config.count('head_dim', hiddenSize / heads);
  if (headSize % 2) config.fail('head_dim', headSize, 'even, for rotary positions');
  return {
    vocabularySize: config.count('vocab_size', 65536),
    hiddenSize,
    mlpSize: mlpSize(config),
    heads,
    keyValueHeads,
    headSize,
    layers: layerKinds(config),
    kernelSize: config.count('conv_L_cache', 3, MANY),
    convBias: config.boolean('conv_bias', false),
    normEps: config.number(['norm_eps', 'block_norm_eps'], 1e-5),
    ropeTheta: ropeTheta(config),
    maxPositions: config.count('max_position_embeddings', 128_000),
    tied: config.boolean(['tie_embedding', 'tie_word_embeddings'], true),
    initializerRange: config.number('initializer_range', 0.02),
  };
}

/** Two thirds of the named width, times the multiplier, rounded up to block_multiple_of: transformers' Lfm2MLP. */
function mlpSize(config: ConfigReader): number {
  const named = config.count(['block_ff_dim', 'intermediate_size'], 12288);
  if (!config.boolean('block_auto_adjust_ff_dim', true)) return named;
  const adjusted = Math.floor((2 * named) / 3);
  // An explicit null means no rounding; an absent field means a multiplier of 1.
  if (config.isNull('block_ffn_dim_multiplier')) return adjusted;
  const multiple = config.count('block_multiple_of', 256);
  const multiplier = config.number('block_ffn_dim_multiplier', 1);
  const size = Math.ceil(Math.floor(multiplier * adjusted) / multiple) * multiple;
  if (!(size >= 1 && size <= 2 ** 24))
    config.fail('block_ffn_dim_multiplier', multiplier, 'a factor that leaves a width');
  return size;
}

function layerKinds(config: ConfigReader): LayerKind[] {
  const count = config.count('num_hidden_layers', 32, MANY);
  if (!config.has('layer_types')) {
    const all = Array.from({ length: count }, (_, index) => index);
    const attention = new Set(config.numbers('full_attn_idxs', all));
    return all.map(index => (attention.has(index) ? 'full_attention' : 'conv'));
  }
  const kinds = config.raw('layer_types');
  const valid = (kind: unknown): kind is LayerKind => kind === 'conv' || kind === 'full_attention';
  if (!Array.isArray(kinds) || kinds.length !== count || !kinds.every(valid))
    config.fail('layer_types', kinds, `a list of ${count} times "conv" or "full_attention"`);
  return kinds;
}

function ropeTheta(config: ConfigReader): number {
  const rope = config.section('rope_parameters');
  for (const section of [rope, config.section('rope_scaling')]) {
    const kind = section.string(['rope_type', 'type'], 'default');
    if (kind !== 'default') section.fail('rope_type', kind, ...NO_SCALED_POSITIONS);
    if (section.number('partial_rotary_factor', 1) !== 1)
      section.fail('partial_rotary_factor', section.raw('partial_rotary_factor'), '1');
  }
  return config.has('rope_theta') && !rope.has('rope_theta')
    ? config.number('rope_theta')
    : rope.number('rope_theta', 1_000_000);
}
