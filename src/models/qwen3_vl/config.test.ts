import { expect, test } from 'vitest';
import { ConfigReader } from '../config-reader.ts';
import { readQwen3VlConfig, type Qwen3VlConfig } from './config.ts';

const TEXT = {
  hidden_size: 32,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 16,
  num_hidden_layers: 2,
  rope_parameters: { rope_type: 'default', mrope_section: [4, 2, 2] },
};
const VISION = {
  hidden_size: 16,
  num_heads: 2,
  depth: 4,
  out_hidden_size: 32,
  num_position_embeddings: 16,
  deepstack_visual_indexes: [1, 3],
};
const read = (text: object, vision: object = {}): Qwen3VlConfig =>
  readQwen3VlConfig(
    new ConfigReader(
      { text_config: { ...TEXT, ...text }, vision_config: { ...VISION, ...vision } },
      'config.json',
    ),
  );
const rope = (...mrope_section: unknown[]): object => ({
  rope_parameters: { rope_type: 'default', mrope_section },
});

test('sections may ask for more frequencies than there are, as in transformers', () => {
  expect(read(rope(2, 3, 3)).text.ropeSections).toEqual({ height: 3, width: 3 });
  expect(read(rope(0, 20, 0)).text.ropeSections).toEqual({ height: 20, width: 0 });
});

test('deepstack blocks come in the order of their mergers, any number of them', () => {
  expect(read({}, { deepstack_visual_indexes: [3, 0, 1] }).vision.deepstackBlocks).toEqual([3, 0, 1]);
  expect(read({}, { deepstack_visual_indexes: [] }).text.deepstackLayers).toBe(0);
});

test('key-value heads are as many as heads when null', () => {
  expect(read({ num_key_value_heads: null }).text.keyValueHeads).toBe(4);
});

test.each<[object, object, string]>([
  [rope(4, 2), {}, 'mrope_section'],
  [rope(4, -2, 2), {}, 'mrope_section'],
  [{ rope_parameters: { rope_type: 'yarn', factor: 4 } }, {}, 'rope_type'],
  [{ num_key_value_heads: 3 }, {}, 'num_key_value_heads'],
  [{ head_dim: -16 }, {}, 'head_dim'],
  [{}, { deepstack_visual_indexes: [1, 4] }, 'deepstack_visual_indexes'],
  [{}, { deepstack_visual_indexes: [1, 1] }, 'deepstack_visual_indexes'],
  [{}, { num_position_embeddings: 15 }, 'num_position_embeddings'],
  [{}, { out_hidden_size: 30 }, 'out_hidden_size'],
])('%j with %j is refused by the name of the field', (text, vision, name) => {
  expect(() => read(text, vision)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  expect(() => read(text, vision)).toThrow(name);
});
