/** What a GGUF file says of its model, as the config.json and processor_config.json that transformers would have. */
import { ModelFormatError } from '../errors.ts';
import type { GgufFile } from './file.ts';

/** @throws {ModelFormatError} gguf-unsupported, gguf-invalid */
export function modelConfig(text: GgufFile, vision: GgufFile | null): Record<string, unknown> {
  const architecture = text.text('general.architecture');
  if (architecture !== 'lfm2')
    throw new ModelFormatError('family-unsupported', {
      message: `${text.name}: the architecture ${architecture} is not read from GGUF files; lfm2 is. Load the model's folder in safetensors instead.`,
    });
  refuseOtherArithmetic(text);
  const config = textConfig(text);
  if (!vision) return { architectures: ['Lfm2ForCausalLM'], ...config };
  const { tie_word_embeddings: tied } = config;
  return {
    architectures: ['Lfm2VlForConditionalGeneration'],
    model_type: 'lfm2_vl',
    text_config: config,
    tie_word_embeddings: tied,
    ...imageToken(text),
    ...visionConfig(vision),
  };
}

/** What llama.cpp's lfm2 computes otherwise when the file says so, as it does of embedding and audio models and of stretched contexts. */
function refuseOtherArithmetic(file: GgufFile): void {
  const differs: [key: string, usual: number | string | boolean][] = [
    ['lfm2.rope.scaling.type', 'none'],
    ['lfm2.attention.sliding_window', 0],
    ['lfm2.attention.causal', true],
  ];
  for (const [key, usual] of differs) {
    const value = file.values.get(key) ?? usual;
    if (value !== usual)
      throw new ModelFormatError('gguf-unsupported', {
        message: `${file.name}: ${key} is ${JSON.stringify(value)}; ${JSON.stringify(usual)} is what is computed. Use a file without it, such as one of LiquidAI's chat models.`,
      });
  }
}

/** transformers' own default is the id that the first generation had. */
function imageToken(file: GgufFile): { image_token_id?: number } {
  const id = file.texts('tokenizer.ggml.tokens').indexOf('<image>');
  return id < 0 ? {} : { image_token_id: id };
}

function textConfig(file: GgufFile): Record<string, unknown> {
  const layers = file.number('lfm2.block_count');
  const heads = file.numbers('lfm2.attention.head_count_kv');
  if (heads.length !== layers)
    throw new ModelFormatError('gguf-invalid', {
      message: `${file.name}: lfm2.attention.head_count_kv lists ${heads.length} layers, lfm2.block_count says ${layers}.`,
    });
  return {
    model_type: 'lfm2',
    vocab_size: shapeOf(file, 'token_embd.weight')[0],
    hidden_size: file.number('lfm2.embedding_length'),
    num_hidden_layers: layers,
    layer_types: heads.map(count => (count === 0 ? 'conv' : 'full_attention')),
    num_attention_heads: file.number('lfm2.attention.head_count'),
    num_key_value_heads: Math.max(1, ...heads),
    ...(file.values.has('lfm2.attention.key_length') && {
      head_dim: file.number('lfm2.attention.key_length'),
    }),
    // Adjusted already when the file was written.
    block_ff_dim: file.number('lfm2.feed_forward_length'),
    block_auto_adjust_ff_dim: false,
    conv_L_cache: file.number('lfm2.shortconv.l_cache'),
    conv_bias: [...file.tensors.keys()].some(name => name.endsWith('.shortconv.in_proj.bias')),
    norm_eps: roundEpsilon(file.number('lfm2.attention.layer_norm_rms_epsilon', 1e-5)),
    rope_theta: file.number('lfm2.rope.freq_base', 1e6),
    max_position_embeddings: file.number('lfm2.context_length', 128_000),
    tie_word_embeddings: !file.tensors.has('output.weight'),
    eos_token_id: file.number('tokenizer.ggml.eos_token_id', 7),
    ...tokenIds(file, { bos_token_id: 'bos_token_id', pad_token_id: 'padding_token_id' }),
  };
}

/** Those that the file names, by the names that config.json has for them. */
function tokenIds(file: GgufFile, keys: Record<string, string>): Record<string, number> {
  const named = Object.entries(keys).filter(([, key]) => file.values.has(`tokenizer.ggml.${key}`));
  return Object.fromEntries(named.map(([name, key]) => [name, file.number(`tokenizer.ggml.${key}`)]));
}

function visionConfig(file: GgufFile): Record<string, unknown> {
  const projector = file.text('clip.projector_type', file.text('clip.vision.projector_type', ''));
  if (projector !== 'lfm2')
    throw new ModelFormatError('family-unsupported', {
      message: `${file.name}: its projector is of type ${JSON.stringify(projector)}; lfm2 is read. It belongs to another model.`,
    });
  return {
    vision_config: {
      model_type: 'siglip2_vision_model',
      hidden_size: file.number('clip.vision.embedding_length'),
      intermediate_size: file.number('clip.vision.feed_forward_length'),
      num_hidden_layers: file.number('clip.vision.block_count'),
      num_attention_heads: file.number('clip.vision.attention.head_count'),
      num_patches: shapeOf(file, 'v.position_embd.weight')[0],
      patch_size: file.number('clip.vision.patch_size', 16),
      layer_norm_eps: roundEpsilon(file.number('clip.vision.attention.layer_norm_epsilon', 1e-6)),
    },
    downsample_factor: scaleFactor(file),
    projector_hidden_size: shapeOf(file, 'mm.1.weight')[0],
    projector_use_layernorm: hasProjectorNorm(file),
    projector_bias: file.tensors.has('mm.1.bias'),
  };
}

/**
 * Settings of the image processor. A GGUF file has few of them; the rest are those that every LFM2-VL was published with,
 * and the thumbnail goes with the generation: LFM2.5-VL, whose projector has no LayerNorm, uses one.
 */
export function processorConfig(file: GgufFile): Record<string, unknown> {
  return {
    processor_class: 'Lfm2VlProcessor',
    image_processor: {
      image_processor_type: 'Lfm2VlImageProcessor',
      encoder_patch_size: file.number('clip.vision.patch_size', 16),
      downsample_factor: scaleFactor(file),
      image_mean: file.numbers('clip.vision.image_mean', [0.5, 0.5, 0.5]),
      image_std: file.numbers('clip.vision.image_std', [0.5, 0.5, 0.5]),
      use_thumbnail: !hasProjectorNorm(file),
    },
  };
}

function hasProjectorNorm({ tensors }: GgufFile): boolean {
  return tensors.has('mm.input_norm.weight') || tensors.has('mm.layer_norm.weight');
}

function scaleFactor(file: GgufFile): number {
  return file.number('clip.vision.projector.scale_factor', 2);
}

/** A float32 of the file as the decimal that it was written from: 1e-6 comes back as 9.999999974752427e-7. */
function roundEpsilon(value: number): number {
  return Number(value.toPrecision(6));
}

function shapeOf(file: GgufFile, tensor: string): number[] {
  const found = file.tensors.get(tensor);
  if (found) return found.shape;
  throw new ModelFormatError('tensor-missing', { message: `${file.name}: there is no tensor ${tensor}.` });
}
