import { expect, test } from 'vitest';
import { ConfigReader } from '../config-reader.ts';
import { readLfm2Config } from './config.ts';

const BASE = { hidden_size: 1024, num_attention_heads: 16, num_hidden_layers: 4 };
const read = (fields: Record<string, unknown>): ReturnType<typeof readLfm2Config> =>
  readLfm2Config(new ConfigReader({ ...BASE, ...fields }, 'config.json'));

test.each([
  [{ block_ff_dim: 6656 }, 4608],
  [{ block_ff_dim: 10240 }, 6912],
  [{ intermediate_size: 12288 }, 8192],
  [{ block_ff_dim: 10752, block_auto_adjust_ff_dim: false }, 10752],
  [{ block_ff_dim: 100, block_ffn_dim_multiplier: null }, 66],
  [{ block_ff_dim: 100, block_multiple_of: 8 }, 72],
])('the MLP of %j is %i wide', (fields, width) => {
  expect(read(fields).mlpSize).toBe(width);
});

test('attention layers are named by layer_types or by index, and are all layers when neither is given', () => {
  const expected = ['conv', 'full_attention', 'conv', 'conv'];
  expect(read({ layer_types: expected }).layers).toEqual(expected);
  expect(read({ full_attn_idxs: [1] }).layers).toEqual(expected);
  expect(read({}).layers).toEqual(Array(4).fill('full_attention'));
});

test('rope theta and tying are found under each name they have had', () => {
  expect(read({ rope_theta: 5000 }).ropeTheta).toBe(5000);
  expect(read({ rope_parameters: { rope_theta: 7000, rope_type: 'default' } }).ropeTheta).toBe(7000);
  expect(read({}).ropeTheta).toBe(1e6);
  expect(read({ tie_embedding: false }).tied).toBe(false);
  expect(read({ tie_word_embeddings: false }).tied).toBe(false);
  expect(read({}).tied).toBe(true);
});

test.each([
  [{ hidden_size: '1024' }, 'hidden_size'],
  [{ hidden_size: -1 }, 'hidden_size'],
  [{ num_attention_heads: 12, num_key_value_heads: 8 }, 'num_key_value_heads'],
  [{ layer_types: ['conv', 'mamba', 'conv', 'conv'] }, 'layer_types'],
  [{ layer_types: ['conv'] }, 'layer_types'],
  [{ rope_parameters: { rope_type: 'yarn' } }, 'rope_type'],
])('%j is refused by the name of the field', (fields, name) => {
  expect(() => read(fields)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  expect(() => read(fields)).toThrow(name);
  expect(() => read(fields)).toThrow(/Correct it there|Choose a model without/);
});
