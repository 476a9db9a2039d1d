import { expect, test } from 'vitest';
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import { gpuBackend, startBackend } from '../gpu/index.ts';
import { ConfigReader } from '../models/config-reader.ts';
import { findFamily } from '../models/families.ts';
import { fixtureFiles } from '../models/fixture-files.ts';
import { loadPolicy } from '../models/load.ts';
import { generate } from '../rollout/index.ts';
import {
  cacheBytes,
  memoryNeeds,
  shapeOf,
  smallerChoices,
  totalOf,
  turnTokens,
  type ModelShape,
} from './memory-plan.ts';

/** LiquidAI/LFM2-VL-450M's config.json, as far as shapes depend on it. */
const LFM2_VL_450M = {
  model_type: 'lfm2_vl',
  projector_hidden_size: 2560,
  text_config: {
    model_type: 'lfm2',
    vocab_size: 65536,
    hidden_size: 1024,
    num_hidden_layers: 16,
    num_attention_heads: 16,
    num_key_value_heads: 8,
    full_attn_idxs: [2, 5, 8, 10, 12, 14],
    block_ff_dim: 6656,
    conv_L_cache: 3,
  },
  vision_config: {
    hidden_size: 768,
    intermediate_size: 3072,
    num_hidden_layers: 12,
    num_attention_heads: 12,
  },
};

const shape = (): ModelShape =>
  shapeOf(findFamily('lfm2_vl').describe(new ConfigReader(LFM2_VL_450M, 'config.json')));
const config = (change: Partial<RunConfig>): RunConfig => ({ ...DEFAULT_CONFIG, ...change });
const bytes = (change: Partial<RunConfig>, index: number): number =>
  memoryNeeds(shape(), config(change), 'webgpu', 72, false)[index].bytes;

test('the KL term keeps a copy of all weights where all train, and of an adapter only where the reference follows it', () => {
  const copy = (change: Partial<RunConfig>): number =>
    totalOf(memoryNeeds(shape(), config({ beta: 0.04, ...change }), 'webgpu', 72, false)) -
    totalOf(memoryNeeds(shape(), config({ ...change, beta: 0, sync_ref_model: false }), 'webgpu', 72, false));
  expect(copy({ use_peft: false })).toBe(bytes({ use_peft: false }, 1) / 4);
  expect(copy({ sync_ref_model: true, ref_model_mixup_alpha: 1 })).toBe(bytes({}, 1) / 4);
  expect(copy({})).toBe(0);
  expect(copy({ use_peft: false, method: 'sft' })).toBe(0);
});

test('LFM2-VL-450M has the parameters, cache and largest matrix that its card says', () => {
  // The published file's count; the sum of its 351 tensors.
  expect(shape().parameters).toBe(450_822_656);
  // Six attention layers of keys and values, eight heads of 64.
  expect(shape()).toMatchObject({
    hiddenSize: 1024,
    layers: 16,
    vocabularySize: 65536,
    cachePerToken: 6144,
    largest: [65536, 1024],
  });
});

test('an adapter of rank 8 on all linear layers trains as many values as PEFT counts, at 16 bytes each', () => {
  expect(bytes({ use_peft: true, lora_r: 8 }, 1)).toBe(16 * 2_998_272);
});

test('weights shrink with their format, and training all of them needs floats', () => {
  const [f32, f16, int8, int4] = (['f32', 'f16', 'int8', 'int4'] as const).map(weights =>
    bytes({ weights }, 0),
  );
  expect(f32).toBe(4 * 450_822_656);
  expect(f16 / f32).toBeCloseTo(0.5, 2);
  expect(int8 / f32).toBeCloseTo(0.266, 2);
  expect(int4 / f32).toBeCloseTo(0.141, 2);
  expect(bytes({ use_peft: false, weights: 'f32' }, 0)).toBe(f32);
});

test('a head of its own is a matrix more: as weights, and with all weights as what trains, but not in an adapter', () => {
  const untied = shapeOf(
    findFamily('lfm2_vl').describe(
      new ConfigReader({ ...LFM2_VL_450M, tie_word_embeddings: false }, 'config.json'),
    ),
  );
  const head = 65536 * 1024;
  expect(untied.parameters).toBe(shape().parameters + head);
  const more = (change: Partial<RunConfig>, index: number, backend: 'webgpu' | 'wasm' = 'webgpu'): number => {
    const [own, tied] = [untied, shape()].map(
      of => memoryNeeds(of, config(change), backend, 72, false)[index].bytes,
    );
    return own - tied;
  };
  expect(more({ weights: 'f32' }, 0)).toBe(4 * head);
  expect(more({ weights: 'f16' }, 0)).toBe(2 * head);
  expect(more({ weights: 'f32' }, 0, 'wasm')).toBe(8 * head);
  expect(more({ use_peft: true }, 1)).toBe(0);
  expect(more({ use_peft: false }, 1)).toBe(16 * head);
});

test('activations take what they may, less where an update has fewer rows, and never less than a row', () => {
  expect(bytes({ activation_memory_mb: 8000 }, 2) / 8e9).toBeCloseTo(1, 3);
  expect(bytes({ activation_memory_mb: 16_000 }, 2) / 16e9).toBeCloseTo(1, 3);
  const few = { per_device_train_batch_size: 4, gradient_accumulation_steps: 1, max_turns: 1 };
  const [four, eight] = [4, 8].map(rows =>
    bytes({ ...few, per_device_train_batch_size: rows, activation_memory_mb: 80_000 }, 2),
  );
  expect(eight / four).toBe(2);
  expect(bytes({ activation_memory_mb: null }, 2) / 2.5e9).toBeCloseTo(1, 2);
  expect(bytes({ activation_memory_mb: 1 }, 2)).toBe(four / 4);
  const again = { activation_memory_mb: 1, gradient_checkpointing: true };
  expect(bytes(again, 2)).toBeLessThan(four / 4 / 2);
  expect(bytes({ method: 'sft', sft_batch_size: 4, activation_memory_mb: 80_000 }, 2)).toBe(four);
});

test('with fp16 on matrix units the rows of the widest layer are held as float16 too, and nowhere else', () => {
  const asked = (change: Partial<RunConfig>, matrixUnits = true): number | undefined =>
    memoryNeeds(shape(), config({ fp16: true, weights: 'f16', ...change }), 'webgpu', 72, matrixUnits).find(
      ({ what }) => what.includes('fp16'),
    )?.bytes;
  // 4,096 tokens of prompts at once, and MLPs of 4,608 units; the head's 65,536 rows do not count.
  expect(asked({})).toBe(4096 * 4608 * 2);
  expect(asked({ weights: 'int4' })).toBe(4096 * 4608 * 2);
  // Without the decode plan, as in a model that has none, all prompts are read at once.
  const tiles = Math.ceil((64 * turnTokens(config({}), 72)) / 256);
  expect(asked({ frames: 64, use_decode_plan: false })).toBe(tiles * 256 * 4608 * 2);
  expect(asked({ frames: 64 })).toBe(4096 * 4608 * 2);
  // One episode's prompt has fewer tokens than a micro-batch that takes more memory.
  expect(asked({ frames: 1, activation_memory_mb: 10_000 })).toBeGreaterThan(7900 * 4608 * 2);
  for (const without of [{ fp16: false }, { weights: 'f32' as const }, { use_peft: false }])
    expect(asked(without)).toBeUndefined();
  expect(asked({}, false)).toBeUndefined();
});

test('a model without a decode plan has no limit of LFM2’s to its prompts', async () => {
  const files = await fixtureFiles('qwen3_vl');
  const described = JSON.parse(await files.get('config.json')!.text()) as Record<string, unknown>;
  const qwen = shapeOf(findFamily(described.model_type).describe(new ConfigReader(described, 'config.json')));
  const half = (frames: number): number =>
    memoryNeeds(
      qwen,
      config({ fp16: true, weights: 'f16', frames, activation_memory_mb: 1 }),
      'webgpu',
      72,
      true,
    ).find(({ what }) => what.includes('fp16'))!.bytes;
  const tokens = turnTokens(config({}), 72);
  expect(8 * tokens).toBeGreaterThan(4096);
  expect(half(16) / half(8)).toBeCloseTo(2, 1);
});

test('every further choice needs no more than the one before', () => {
  const start = config({ use_peft: false, weights: 'f32', fp16: true });
  const totals = [start, ...smallerChoices(start, 'webgpu').map(choice => choice.config)].map(each =>
    totalOf(memoryNeeds(shape(), each, 'webgpu', 72, true)),
  );
  expect(totals.length).toBeGreaterThan(5);
  for (let i = 1; i < totals.length; i++) expect(totals[i]).toBeLessThanOrEqual(totals[i - 1]);
});

test('the pages of keys and values that generation really takes are those that were planned', async () => {
  await startBackend('webgpu');
  const files = await fixtureFiles('lfm2');
  const described = JSON.parse(await files.get('config.json')!.text()) as Record<string, unknown>;
  const model = findFamily(described.model_type).describe(new ConfigReader(described, 'config.json'));
  const policy = await loadPolicy({ files });
  const [sequences, tokens, maxTokens] = [3, 40, 5];
  const requests = Array.from({ length: sequences }, (_, i) => {
    const ids = Int32Array.from({ length: tokens - maxTokens }, (_, t) => 10 + t + i);
    return { prompt: { ids, images: [], text: '' }, key: i };
  });
  const sampling = { maxTokens, temperature: 1, topK: 0, topP: 1, minP: null, repetitionPenalty: 1 };
  const used = (): number => gpuBackend()!.bytes().used;
  /** What scoring gets back. */
  const pages = async (asked: typeof requests): Promise<number> => {
    await generate(policy, asked, sampling);
    const full = used();
    policy.decoder()!.rest();
    return full - used();
  };
  const planned = cacheBytes(shapeOf(model), sequences, tokens);
  expect(planned).toBeGreaterThan(0);
  expect(await pages(requests)).toBe(planned);
  // Members of a group take less.
  expect(await pages(requests.map(({ key }) => ({ ...requests[0], key })))).toBeLessThan(planned);
  policy.dispose();
});
