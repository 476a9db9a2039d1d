/** Which configurations are taken, what is said about the others, and that a link means what it was made from. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG, type RunConfig } from './config.ts';
import { derived } from './config/derived.ts';
import { changedFields, diffFromDefaults, fromDiff } from './config/diff.ts';
import { ConfigError } from './config/errors.ts';
import { describeField, FIELD_PATHS, readField, withField, type FieldPath } from './config/fields.ts';
import { checkField, validateConfig } from './config/validate.ts';

/** The faults of `input`, one message each. */
function faults(input: unknown): string[] {
  try {
    validateConfig(input);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(problem => problem.message);
    throw error;
  }
  return [];
}

const leaves = (value: object): string[] =>
  Object.entries(value).flatMap(([key, leaf]) =>
    key === 'observation' ? leaves(leaf as object).map(inner => `observation.${inner}`) : [key],
  );

describe('the table of settings', () => {
  test('has every field of the configuration, and no other', () => {
    expect([...FIELD_PATHS].sort()).toEqual(
      leaves(DEFAULT_CONFIG)
        .filter(path => path !== 'version')
        .sort(),
    );
  });

  test.each(FIELD_PATHS)('%s: a sentence, and a default that is allowed', path => {
    const field = describeField(path);
    expect(field.sentence).toMatch(/^\S.*\.$/);
    expect(checkField(path, field.default)).toBeNull();
  });
});

describe('validateConfig', () => {
  test('takes the defaults as they are, and fills in what is left out', () => {
    expect(validateConfig({})).toEqual(DEFAULT_CONFIG);
    expect(validateConfig(structuredClone(DEFAULT_CONFIG))).toEqual(DEFAULT_CONFIG);
    expect(validateConfig({ seed: 7, observation: { use_axtree: false } })).toEqual({
      ...DEFAULT_CONFIG,
      seed: 7,
      observation: { ...DEFAULT_CONFIG.observation, use_axtree: false },
    });
  });

  test('never hands out the defaults themselves', () => {
    const config = validateConfig({});
    config.tasks.push('x');
    expect(DEFAULT_CONFIG.tasks).not.toContain('x');
  });

  test.each<[FieldPath, unknown, string]>([
    ['learning_rate', NaN, 'learning_rate is NaN, but must be a number from 0 to 10.'],
    ['learning_rate', '1e-3', 'learning_rate is "1e-3", but must be a number from 0 to 10.'],
    ['temperature', 0, 'temperature is 0, but must be a number above 0 and at most 100.'],
    ['num_generations', 1, 'num_generations is 1, but must be a whole number from 2 to 1024.'],
    ['max_turns', 2.5, 'max_turns is 2.5, but must be a whole number from 1 to 100.'],
    ['backend', 'cuda', 'backend is "cuda", but must be one of auto, webgpu, wasm.'],
    ['use_peft', 'yes', 'use_peft is "yes", but must be true or false.'],
    ['tasks', [], 'tasks is [], but must be a list of at least one name, none of them twice.'],
    [
      'lora_target_modules',
      '(',
      'lora_target_modules is "(", but must be a regular expression or a list of names, or null.',
    ],
    ['repetition_penalty', 0, 'repetition_penalty is 0, but must be a number above 0 and at most 100.'],
    [
      'observation.axtree_max_chars',
      -1,
      'observation.axtree_max_chars is -1, but must be a whole number from 100 to 100000.',
    ],
  ])('%s = %j is refused by name, value and range', (path, value, message) => {
    expect(faults(withField(DEFAULT_CONFIG, path, value))).toEqual([message]);
  });

  test('reward functions are named', () => {
    const [message] = faults({ reward_funcs: ['beauty'] });
    expect(message).toContain('reward_funcs is ["beauty"]');
    expect(message).toContain('sum_of_steps, mean_of_steps, max_of_steps');
  });

  test('every fault is told at once, under the code bad-config', () => {
    const input = { learning_rate: -1, epsilon: 2, bogus: 1 };
    expect(faults(input)).toHaveLength(3);
    expect(() => validateConfig(input)).toThrow(
      expect.objectContaining({ code: 'bad-config', name: 'ConfigError' }),
    );
  });

  test('unknown fields are named, with the one that was probably meant', () => {
    expect(faults({ learningRate: 1 })).toEqual([
      'learningRate is not a setting; learning_rate is. Remove it or correct its name.',
    ]);
    expect(faults({ observation: { wifi: true } })[0]).toContain('observation.wifi is not a setting.');
    expect(faults(JSON.parse('{"__proto__": {"seed": 1}}'))[0]).toContain('__proto__ is not a setting');
  });

  test.each([[null], [3], ['{}'], [[]]])('%j is no configuration', input => {
    expect(faults(input)[0]).toContain('A configuration is an object');
  });

  test('another version is not guessed at', () => {
    expect(faults({ version: 2 })[0]).toMatch(/^version is 2/);
  });

  test.each<[string, Partial<RunConfig>, FieldPath]>([
    ['groups must divide the generation batch', { num_generations: 5 }, 'num_generations'],
    ['one weight for each reward function', { reward_weights: [1, 2] }, 'reward_weights'],
    [
      'a reference is synchronised only where there is one',
      { sync_ref_model: true, beta: 0 },
      'sync_ref_model',
    ],
    ['adapters are not mixed', { sync_ref_model: true, beta: 0.1 }, 'ref_model_mixup_alpha'],
    [
      'bounds of the sampler correction are in order',
      { vllm_importance_sampling_clip_min: 3 },
      'vllm_importance_sampling_clip_min',
    ],
    ['cispo needs its cap', { loss_type: 'cispo' }, 'epsilon_high'],
    ['luspo needs ratios of whole replies', { loss_type: 'luspo' }, 'importance_sampling_level'],
    [
      'a policy must see something',
      { observation: { ...DEFAULT_CONFIG.observation, use_screenshot: false, use_axtree: false } },
      'observation.use_screenshot',
    ],
  ])('%s', (_, input, field) => {
    expect(() => validateConfig(input)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ field })] }),
    );
  });

  test('supervised runs need no groups', () => {
    expect(faults({ method: 'sft', num_generations: 5 })).toEqual([]);
  });
});

describe('a diff', () => {
  test('of the defaults holds version and seed alone', () => {
    expect(diffFromDefaults(DEFAULT_CONFIG)).toEqual({ version: 1, seed: 42 });
  });

  test('gives back, through JSON, the configuration it came from', () => {
    const config = validateConfig({
      seed: 9,
      tasks: ['click-test'],
      min_p: 0.1,
      reward_funcs: ['success', 'raw'],
      reward_weights: [1, 0.5],
      observation: { use_axtree: false },
    });
    const diff = JSON.parse(JSON.stringify(diffFromDefaults(config))) as Record<string, unknown>;
    expect(Object.keys(diff)).toHaveLength(7);
    expect(fromDiff(diff)).toEqual({ config, problems: [] });
  });

  test('from a mistyped link names what it ignores and keeps the rest', () => {
    const { config, problems } = fromDiff({ version: 1, seed: 3, epsilon: 9, wat: 1 });
    expect(config).toEqual({ ...DEFAULT_CONFIG, seed: 3 });
    expect(problems.map(problem => problem.field)).toEqual(['epsilon', 'wat']);
  });

  test('of another version changes nothing and says so', () => {
    const { config, problems } = fromDiff({ version: 9, seed: 3 });
    expect(config).toEqual(DEFAULT_CONFIG);
    expect(problems[0].message).toContain('version 9');
  });

  test('between two configurations lists their differences', () => {
    expect(changedFields(DEFAULT_CONFIG, withField(DEFAULT_CONFIG, 'observation.use_axtree', false))).toEqual(
      ['observation.use_axtree'],
    );
    expect(readField(DEFAULT_CONFIG, 'observation.use_axtree')).toBe(true);
  });
});

describe('derived numbers', () => {
  test('follow TRL: a generation batch is the batch size times steps_per_generation', () => {
    expect(derived(DEFAULT_CONFIG)).toEqual({
      steps_per_generation: 4,
      generation_batch_size: 32,
      prompts_per_generation: 4,
      steps_per_generation_batch: 1,
      episodes: 60 * 32,
    });
  });

  test('reuse of a generation batch saves episodes', () => {
    const twice = derived({ ...DEFAULT_CONFIG, num_iterations: 2 });
    expect(twice).toMatchObject({ steps_per_generation_batch: 2, episodes: 30 * 32 });
    const wide = derived({ ...DEFAULT_CONFIG, steps_per_generation: 8 });
    expect(wide).toMatchObject({ generation_batch_size: 64, prompts_per_generation: 8, episodes: 30 * 64 });
  });
});
