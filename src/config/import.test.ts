/** Configuration files of ours and of others. */
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_CONFIG } from '../config.ts';
import { ConfigError } from './errors.ts';
import { toJson, toYaml } from './export.ts';
import { FIELD_PATHS, readField } from './fields.ts';
import { REFUSED, WITHOUT_COUNTERPART } from './foreign.ts';
import { readConfigFile } from './import.ts';

/** Settings and layout of the cookbook's examples/browser-control/configs; the values are its 350M model's. */
const COOKBOOK = `
seed: 23
model_name: LiquidAI/LFM2-350M
max_seq_length: 2048
system_prompt: |
  One action on a line.
browsergym_url: https://browsergym.example
dataset_size: 100
default_goal: Complete the web task successfully.
learning_rate: 5.0e-6
warmup_steps: 10
per_device_train_batch_size: 1
num_generations: 4
generation_batch_size: 4
max_steps: 10
max_completion_length: 32
use_vllm: true
vllm_mode: "colocate"
vllm_gpu_memory_utilization: 0.1
wandb_enabled: true
wandb_project_name: "browser-control"
logging_steps: 1
`;

test("the cookbook's YAML becomes the run that it describes", () => {
  const { config, notes } = readConfigFile(COOKBOOK);
  expect(config).toMatchObject({
    seed: 23,
    model: 'hub:LiquidAI/LFM2-350M',
    tasks: ['click-test'],
    max_steps: 100,
    max_turns: 10,
    learning_rate: 5e-6,
    warmup_steps: 10,
    per_device_train_batch_size: 1,
    gradient_accumulation_steps: 1,
    num_generations: 4,
    steps_per_generation: 4,
    max_completion_length: 32,
    use_peft: false,
    loss_type: 'dapo',
    vllm_importance_sampling_correction: true,
  });
  expect(config.observation).toMatchObject({ use_screenshot: false, axtree_max_chars: 2000 });
  expect(notes.map(note => note.field)).toContain('browsergym_url');
});

test("a TRL file's omissions mean TRL's defaults, its own spellings are understood", () => {
  const trl =
    'model_name_or_path: org/name\nmodel_revision: v1\noutput_dir: out\nbf16: true\nscale_rewards: false\n';
  const { config } = readConfigFile(
    `${trl}max_steps: -1\nwarmup_ratio: 0.1\nvllm_importance_sampling_correction: true\n`,
  );
  expect(config).toMatchObject({
    model: 'hub:org/name@v1',
    learning_rate: 1e-6,
    gradient_accumulation_steps: 1,
    max_completion_length: 512,
    scale_rewards: 'none',
    max_steps: DEFAULT_CONFIG.max_steps,
    warmup_steps: 0.1,
    vllm_importance_sampling_correction: false,
  });
  const lora = readConfigFile(
    `${trl}peft_config: { r: 8, lora_alpha: 16, target_modules: [q_proj], bias: none }`,
  );
  expect(lora.config).toMatchObject({
    use_peft: true,
    lora_r: 8,
    lora_alpha: 16,
    lora_target_modules: ['q_proj'],
  });
});

test("PEFT's adapter_config.json sets the adapter and nothing else", () => {
  const file = {
    peft_type: 'LORA',
    r: 4,
    lora_alpha: 8,
    lora_dropout: 0,
    target_modules: '.*q_proj',
    bias: 'none',
  };
  const { config } = readConfigFile(JSON.stringify(file));
  expect(config).toEqual({
    ...DEFAULT_CONFIG,
    use_peft: true,
    lora_r: 4,
    lora_alpha: 8,
    lora_target_modules: '.*q_proj',
  });
});

test('what cannot be honoured is refused by name, and so is what nobody knows', () => {
  expect(() => readConfigFile('output_dir: x\nuse_dora: true\noptim: sgd')).toThrow(/use_dora[^]*optim/);
  expect(() => readConfigFile('output_dir: x\nvllm_structured_outputs_regex: "[ab]"')).toThrow(
    /only null is available here: replies are held to actions by constrain_actions, to nothing else/,
  );
  expect(() => readConfigFile('output_dir: x\nnum_genrations: 8')).toThrow(/num_genrations is not a setting/);
  expect(() =>
    readConfigFile('output_dir: x\ngeneration_batch_size: 12\nper_device_train_batch_size: 8'),
  ).toThrow(/steps_per_generation is 1.5/);
  expect(() => readConfigFile('- 1\n- 2')).toThrow(ConfigError);
  expect(() => readConfigFile('{')).toThrow(/neither YAML nor JSON/);
});

test('what is refused and what is ignored are told apart, and neither is a setting of ours', () => {
  for (const name of Object.keys(REFUSED)) {
    expect(WITHOUT_COUNTERPART.has(name), name).toBe(false);
    expect(FIELD_PATHS).not.toContain(name);
  }
  const dropping = 'output_dir: x\nlora_dropout: 0.1\n';
  expect(readConfigFile(dropping).config.lora_dropout).toBe(0.1);
  expect(readConfigFile(`${dropping}disable_dropout: true`).config.lora_dropout).toBe(0);
  expect(readConfigFile('output_dir: x\nrepetition_penalty: 1.2').config.repetition_penalty).toBe(1.2);
});

test('our own file keeps our defaults, and comes back as it was written', () => {
  expect(readConfigFile('seed: 7\ntasks: [click-color]').config).toEqual({
    ...DEFAULT_CONFIG,
    seed: 7,
    tasks: ['click-color'],
  });
  const config = { ...DEFAULT_CONFIG, seed: 3, delta: 1.5, lora_target_modules: ['q_proj', 'v_proj'] };
  expect(readConfigFile(toJson(config)).config).toEqual(config);
  expect(readConfigFile(toYaml(config)).config).toEqual(config);
});

test('readers of YAML 1.1, as PyYAML, find the same values in our YAML', () => {
  const config = {
    ...DEFAULT_CONFIG,
    adam_epsilon: 1e-8,
    learning_rate: 2.5e-7,
    tasks: ['on', '12:30', '1e3'],
  };
  const text = toYaml(config);
  // PyYAML's own pattern of a float with an exponent.
  const number = String.raw`[-+]?[0-9][0-9_]*\.[0-9_]*[eE][-+][0-9]+`;
  expect(text).toMatch(new RegExp(`^adam_epsilon: ${number}$`, 'm'));
  expect(text).toMatch(new RegExp(`^learning_rate: ${number}$`, 'm'));
  const { adam_epsilon, tasks } = parse(text, { version: '1.1' }) as Record<string, unknown>;
  expect([adam_epsilon, tasks]).toEqual([1e-8, config.tasks]);
  expect(parse(text)).toEqual(config);
});

test('the YAML file says what every setting means', () => {
  const text = toYaml(DEFAULT_CONFIG);
  for (const path of FIELD_PATHS) {
    expect(text).toMatch(new RegExp(`# .+\\n\\s*${path.split('.').at(-1)}:`));
    expect(readField(DEFAULT_CONFIG, path)).not.toBeUndefined();
  }
});
