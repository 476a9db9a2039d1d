import { expect, test } from 'vitest';
import { parseLoraConfig, writeLoraConfig, type LoraConfig } from './config.ts';
import { isTarget, rankOf, scalingOf, targetsOf } from './match.ts';

const PLAIN = { peft_type: 'LORA', r: 8, lora_alpha: 16, target_modules: ['q_proj'] };
const Q = 'model.language_model.layers.2.self_attn.q_proj';
const parse = (fields: Record<string, unknown>): LoraConfig => parseLoraConfig({ ...PLAIN, ...fields });

test.each([
  ['a DoRA adapter', { use_dora: true }],
  ['trained biases', { bias: 'all' }],
  ['a bias in B', { lora_bias: true }],
  ['modules trained whole', { modules_to_save: ['lm_head'] }],
  ['another method', { peft_type: 'IA3' }],
  ['trained parameters', { target_parameters: ['conv.weight'] }],
  ['trained tokens', { trainable_token_indices: [1, 2] }],
  ['activated LoRA', { alora_invocation_tokens: [1] }],
  ['transposed weights', { fan_in_fan_out: true }],
  ['PiSSA, which changes the base weights', { init_lora_weights: 'pissa' }],
  ['a field of the future that is switched on', { use_novel_lora: true }],
  ['a rank of zero', { r: 0 }],
])('%s is refused, naming the field', (_, fields) => {
  expect(() => parse(fields)).toThrow(expect.objectContaining({ code: 'adapter-unsupported' }));
  expect(() => parse(fields)).toThrow(Object.keys(fields)[0]);
});

test('a field of the future that is off does no harm', () => {
  expect(parse({ use_novel_lora: false, novel_config: {}, other: null }).r).toBe(8);
});

test('a list targets whole last parts of names, a string the whole name', () => {
  expect(isTarget(parse({}), Q)).toBe(true);
  expect(isTarget(parse({ target_modules: ['proj'] }), Q)).toBe(false);
  expect(isTarget(parse({ target_modules: 'q_proj' }), Q)).toBe(false);
  expect(isTarget(parse({ target_modules: String.raw`.*language_model.*\.(q_proj|w1)` }), Q)).toBe(true);
  expect(isTarget(parse({ exclude_modules: ['q_proj'] }), Q)).toBe(false);
  expect(isTarget(parse({ exclude_modules: '.*layers[.]2[.].*' }), Q)).toBe(false);
});

test('a module pattern that is no regular expression is refused with its text', () => {
  expect(() => isTarget(parse({ target_modules: '*.q_proj' }), Q)).toThrow('*.q_proj');
});

test('rank and alpha may differ by module; rsLoRA divides by the square root', () => {
  const config = parse({ rank_pattern: { 'layers.2.self_attn.q_proj': 4 }, alpha_pattern: { q_proj: 2 } });
  expect(rankOf(config, Q)).toBe(4);
  expect(rankOf(config, Q.replace('.2.', '.12.'))).toBe(8);
  expect(scalingOf(config, Q, 4)).toBe(0.5);
  expect(scalingOf(parse({ use_rslora: true }), Q, 4)).toBe(8);
});

test('what is written targets the adapter’s own modules and no other: by its pattern where that does, else by their names', () => {
  const own = [Q, Q.replace('.2.', '.3.')];
  const modules = [...own, 'model', 'model.language_model.layers.2.self_attn', 'model.tower.head.fc1'];
  const written = (fields: Record<string, unknown>, of = own): unknown =>
    targetsOf(parse(fields), new Map(of.map(path => [path, path])), modules);
  expect(written({})).toEqual(['q_proj']);
  expect(written({ target_modules: '.*q_proj' })).toBe('.*q_proj');
  expect(written({ target_modules: 'all-linear' })).toEqual(own);
  // It matches modules that are no linear layers.
  expect(written({ target_modules: '.*(self_attn|q_proj)' })).toEqual(own);
  expect(written({ target_modules: ['q_proj', 'fc1'] })).toEqual(own);
  // PEFT left layer 3 out.
  expect(written({ layers_to_transform: [2] }, [Q])).toEqual([Q]);
  expect(written({ exclude_modules: ['layers.3.self_attn.q_proj'] }, [Q])).toEqual(['q_proj']);
});

test('what is written reads back equal', () => {
  const config = parse({
    use_rslora: true,
    rank_pattern: { w1: 2 },
    exclude_modules: ['w3'],
    lora_dropout: 0.1,
  });
  expect(parseLoraConfig(writeLoraConfig(config, 'base'))).toEqual(config);
});
