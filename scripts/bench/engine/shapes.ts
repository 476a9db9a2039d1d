/** Models of real shapes with random weights: what `npm run bench -- engine` runs. */
import type { WeightFormat } from '../../../src/gpu/index.ts';
import { ConfigReader } from '../../../src/models/config-reader.ts';
import { findFamily } from '../../../src/models/families.ts';
import { initPolicy } from '../../../src/models/load.ts';
import type { ImagePatches, Policy, Prompt } from '../../../src/models/policy.ts';
import nano from '../../../public/models/nano/config.json';

export const SHAPES = ['lfm2-vl-450m', 'lfm2-vl-1.6b', 'nano'] as const;
export type Shape = (typeof SHAPES)[number];

const IMAGE_ID = 396;
const LAYERS = Array.from({ length: 16 }, (_, i) =>
  [2, 5, 8, 10, 12, 14].includes(i) ? 'full_attention' : 'conv',
);

/** config.json of LiquidAI's repositories, as far as it decides shapes. */
function lfm2Vl(large: boolean): Record<string, unknown> {
  return {
    model_type: 'lfm2_vl',
    image_token_id: IMAGE_ID,
    downsample_factor: 2,
    projector_hidden_size: 2560,
    text_config: {
      model_type: 'lfm2',
      hidden_size: large ? 2048 : 1024,
      intermediate_size: large ? 12288 : 6656,
      num_hidden_layers: 16,
      num_attention_heads: large ? 32 : 16,
      num_key_value_heads: 8,
      vocab_size: 65536,
      layer_types: LAYERS,
      rope_theta: 1_000_000,
    },
    vision_config: {
      model_type: 'siglip2_vision_model',
      hidden_size: large ? 1152 : 768,
      intermediate_size: large ? 4304 : 3072,
      num_hidden_layers: large ? 27 : 12,
      num_attention_heads: large ? 16 : 12,
      num_patches: 256,
      patch_size: 16,
    },
  };
}

function configOf(shape: Shape): Record<string, unknown> {
  return shape === 'nano' ? { ...nano, image_token_id: IMAGE_ID } : lfm2Vl(shape === 'lfm2-vl-1.6b');
}

/** Weights that a token passes through: everything but the vision side. */
export function languageParameters(shape: Shape): number {
  const config = configOf(shape);
  const { specs } = findFamily(config.model_type).describe(new ConfigReader(config, 'config.json'));
  return specs
    .filter(({ vision }) => !vision)
    .reduce((sum, spec) => sum + spec.shape.reduce((product, size) => product * size, 1), 0);
}

/** So that the tokenizer can say something: one that can't is refused. */
const LETTERS: Readonly<Record<number, string>> = { 10: 'k', 11: 'u' };

/** A policy of that shape, weights random; its tokenizer has a token for every row of the head, and no token ends a turn. */
export function randomPolicy(shape: Shape, format: WeightFormat): Promise<Policy> {
  const config = configOf(shape);
  const { vocab_size: size } = config.text_config as { vocab_size: number };
  const vocab = Object.fromEntries(
    Array.from({ length: size }, (_, id) => [id === IMAGE_ID ? '<image>' : (LETTERS[id] ?? `t${id}`), id]),
  );
  const tokenizer = {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: { type: 'BPE', vocab, merges: [] },
  };
  const json = (value: unknown): Blob => new Blob([JSON.stringify(value)]);
  const files = new Map([
    ['tokenizer.json', json(tokenizer)],
    // No id of the vocabulary, so that every completion gets its full length.
    ['generation_config.json', json({ eos_token_id: size, pad_token_id: 0 })],
    ['processor_config.json', json({ image_processor: {} })],
    ['chat_template.jinja', new Blob(['{{ messages[0].content }}'])],
  ]);
  return initPolicy(config, files, 1, 'random', format);
}

/**
 * A prompt of `length` tokens with one image of `imageTokens` of them in it, 20 tokens from its beginning.
 * @param seed  other seeds give other tokens and another image
 */
export function randomPrompt(policy: Policy, length: number, imageTokens: number, seed: number): Prompt {
  const { vocabularySize } = policy.info;
  const ids = Int32Array.from(
    { length },
    (_, i) => (IMAGE_ID + 1 + ((i * 7919 + seed * 104_729) % (vocabularySize - 1000))) % vocabularySize,
  ).map(id => (id === IMAGE_ID ? 0 : id));
  if (imageTokens === 0 || !policy.info.hasVision) return { ids, images: [], text: '' };
  ids.fill(IMAGE_ID, 20, 20 + imageTokens);
  return { ids, images: [randomImage(imageTokens, seed)], text: '' };
}

/** An image whose grid of 2 × 2 patches a token is as square as can be. */
function randomImage(tokens: number, seed: number): ImagePatches {
  let side = Math.floor(Math.sqrt(tokens));
  while (tokens % side) side--;
  const [rows, columns] = [2 * side, (2 * tokens) / side];
  const bytes = Uint8Array.from(
    { length: rows * columns * 16 * 16 * 3 },
    (_, i) => (i * 31 + seed * 17) & 255,
  );
  return { bytes, rows, columns, key: `bench ${seed} ${tokens}` };
}
