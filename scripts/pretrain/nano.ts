/** The embedded policy's folder before training: a small LFM2-VL in Hub layout, all files but the weights. */
import type { Base64Files } from '../../src/session/headless.ts';
import { trainTokenizer } from './bpe.ts';

/** LFM2's names; row and column markers are left out because this policy never tiles an image. */
const SPECIAL_TOKENS = [
  '<|pad|>',
  '<|startoftext|>',
  '<|endoftext|>',
  '<|im_start|>',
  '<|im_end|>',
  '<image>',
  '<|image_start|>',
  '<|image_end|>',
  '<|img_thumbnail|>',
];

const id = (token: string) => SPECIAL_TOKENS.indexOf(token);

/** LFM2's ChatML template. */
const CHAT_TEMPLATE = `{{- bos_token -}}
{%- for message in messages -%}
  {{- '<|im_start|>' + message['role'] + '\\n' -}}
  {%- if message['content'] is string -%}
    {{- message['content'] -}}
  {%- else -%}
    {%- for part in message['content'] -%}
      {%- if part['type'] == 'image' -%}{{- '<image>' -}}
      {%- elif part['type'] == 'text' -%}{{- part['text'] -}}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
  {{- '<|im_end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
`;

/**
 * Every file of the folder but model.safetensors, the tokenizer learned from `texts`.
 * @param vocabularySize  entries wanted; fewer when the texts have no more repeating pairs.
 */
export function nanoFolder(texts: string[], vocabularySize: number): Base64Files {
  const tokenizer = trainTokenizer(texts, SPECIAL_TOKENS, vocabularySize) as {
    model: { vocab: Record<string, number> };
  };
  const tokenIds = {
    bos_token_id: id('<|startoftext|>'),
    eos_token_id: id('<|im_end|>'),
    pad_token_id: id('<|pad|>'),
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value, null, 2) + '\n').toString('base64');
  return {
    'config.json': json(modelConfig(Object.keys(tokenizer.model.vocab).length, tokenIds)),
    'generation_config.json': json(tokenIds),
    'processor_config.json': json(PROCESSOR_CONFIG),
    'tokenizer.json': json(tokenizer),
    'tokenizer_config.json': json({
      bos_token: '<|startoftext|>',
      eos_token: '<|im_end|>',
      pad_token: '<|pad|>',
      model_max_length: 2048,
      padding_side: 'left',
      processor_class: 'Lfm2VlProcessor',
      tokenizer_class: 'PreTrainedTokenizerFast',
    }),
    'chat_template.jinja': Buffer.from(CHAT_TEMPLATE).toString('base64'),
  };
}

function modelConfig(vocabularySize: number, tokenIds: Record<string, number>): object {
  return {
    architectures: ['Lfm2VlForConditionalGeneration'],
    model_type: 'lfm2_vl',
    dtype: 'float32',
    downsample_factor: 2,
    image_token_id: id('<image>'),
    projector_bias: true,
    projector_hidden_act: 'gelu',
    projector_hidden_size: 256,
    projector_use_layernorm: true,
    tie_word_embeddings: true,
    text_config: {
      model_type: 'lfm2',
      ...tokenIds,
      block_auto_adjust_ff_dim: false,
      // Five, so that a label's position holds the bid four tokens before it after one layer: `[13] button 'OK`.
      conv_L_cache: 5,
      conv_bias: false,
      hidden_size: 128,
      intermediate_size: 320,
      initializer_range: 0.04,
      layer_types: Array.from({ length: 4 }, () => ['conv', 'full_attention']).flat(),
      max_position_embeddings: 2048,
      norm_eps: 1e-5,
      num_attention_heads: 4,
      num_hidden_layers: 8,
      num_key_value_heads: 2,
      // Prompts are a few hundred tokens: a low base spreads the frequencies over distances that occur.
      rope_parameters: { rope_theta: 10_000, rope_type: 'default' },
      tie_word_embeddings: true,
      vocab_size: vocabularySize,
    },
    vision_config: {
      model_type: 'siglip2_vision_model',
      hidden_act: 'gelu_pytorch_tanh',
      hidden_size: 96,
      intermediate_size: 288,
      layer_norm_eps: 1e-6,
      num_attention_heads: 3,
      num_channels: 3,
      num_hidden_layers: 3,
      num_patches: 256,
      patch_size: 16,
      vision_use_head: false,
    },
  };
}

/** 160 × 210 pixels become 160 × 224: 10 × 14 patches, 35 image tokens. */
const PROCESSOR_CONFIG = {
  processor_class: 'Lfm2VlProcessor',
  image_processor: {
    image_processor_type: 'Lfm2VlImageProcessor',
    do_image_splitting: false,
    do_normalize: true,
    do_rescale: true,
    do_resize: true,
    downsample_factor: 2,
    encoder_patch_size: 16,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
    max_image_tokens: 64,
    max_num_patches: 256,
    max_pixels_tolerance: 2.0,
    max_tiles: 10,
    min_image_tokens: 32,
    min_tiles: 2,
    resample: 2,
    rescale_factor: 1 / 255,
    tile_size: 512,
    use_thumbnail: false,
  },
};
