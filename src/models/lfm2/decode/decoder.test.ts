import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  gpuBackend,
  GpuBackend,
  MOST_BUFFERS,
  normalArray,
  readTensor,
  startBackend,
  tokenLogProbs,
  type WeightFormat,
} from '../../../gpu/index.ts';
import { fixtureFiles } from '../../fixture-files.ts';
import { initPolicy } from '../../load.ts';
import type { Completion, Policy, SamplingOptions } from '../../policy.ts';
import { promptIdentity } from '../../prompt-identity.ts';

/** No size is a multiple of four, and heads share keys. */
const ODD = {
  model_type: 'lfm2',
  hidden_size: 37,
  intermediate_size: 51,
  block_auto_adjust_ff_dim: false,
  num_hidden_layers: 4,
  num_attention_heads: 6,
  num_key_value_heads: 3,
  head_dim: 10,
  conv_L_cache: 4,
  vocab_size: 611,
  layer_types: ['full_attention', 'conv', 'full_attention', 'conv'],
  eos_token_id: 7,
  initializer_range: 0.3,
};
const EVEN = {
  ...ODD,
  hidden_size: 64,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 16,
  conv_L_cache: 3,
  intermediate_size: 72,
};

const SAMPLING: SamplingOptions = {
  maxTokens: 20,
  temperature: 0.9,
  topK: 0,
  topP: 1,
  minP: null,
  repetitionPenalty: 1,
};

let policy: Policy;

async function open(
  config: Record<string, unknown>,
  trains: 'lora' | 'full',
  format: WeightFormat = 'f32',
): Promise<void> {
  const files = await fixtureFiles('lfm2');
  files.set('generation_config.json', new Blob([JSON.stringify({ eos_token_id: config.eos_token_id })]));
  policy = await initPolicy(config, files, 3, 'init', format);
  if (trains === 'full') return policy.setTrainable({ kind: 'full', vision: false });
  policy.setTrainable({
    kind: 'lora',
    r: 3,
    alpha: 5,
    targets: ['q_proj', 'v_proj', 'out_proj', 'in_proj', 'w1', 'w2'],
    useRslora: false,
    seed: 1,
  });
  // A LoRA with B ≠ 0, so that it counts.
  policy
    .trainable()
    .forEach(({ variable }, i) =>
      variable.assign(tf.tensor(normalArray(i, variable.size, 0, 0.2), variable.shape)),
    );
}

/** Prompts that end before, at and after the end of a page; some are equal. */
function requests(lengths = [1, 2, 16, 17, 17, 18, 40, 33]) {
  return lengths.map((length, i) => {
    const ids = Int32Array.from({ length }, (_, t) => 10 + ((t * 31 + length * 7) % 500));
    const prompt = { ids, images: [], text: '' };
    return { prompt, identity: promptIdentity(prompt), key: 900 + i };
  });
}

function changeWeights(): void {
  policy
    .trainable()
    .forEach(({ variable }, i) =>
      variable.assign(tf.tensor(normalArray(50 + i, variable.size, 0, 0.3), variable.shape)),
    );
}

async function trainingLogps(
  asked: ReturnType<typeof requests>,
  completions: { ids: Int32Array }[],
  temperature: number,
): Promise<number[]> {
  const scores = tf.tidy(() => {
    const sequences = asked.map(({ prompt }, i) => ({ prompt, completion: completions[i].ids }));
    const targets = tf.tensor1d(
      completions.flatMap(({ ids }) => [...ids]),
      'int32',
    );
    return tokenLogProbs(policy.hidden(sequences), policy.head, targets, temperature).logps;
  });
  const values = [...(await readTensor(scores))];
  scores.dispose();
  return values;
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

describe.each(['software', 'hardware'] as const)('kernels for %s', form => {
  const software = Object.getOwnPropertyDescriptor(GpuBackend.prototype, 'software')!;

  /** Barriers take a software adapter long. */
  const few = <T>(all: T[]): T[] => (form === 'software' ? all : all.filter((_, i) => i % 3 === 0));

  beforeEach(async () => {
    await startBackend('webgpu');
    Object.defineProperty(GpuBackend.prototype, 'software', { ...software, get: () => form === 'software' });
  });
  afterEach(() => {
    policy.dispose();
    Object.defineProperty(GpuBackend.prototype, 'software', software);
  });

  test.each([
    ['odd sizes, LoRA', ODD, 'lora'],
    ['even sizes, all weights', EVEN, 'full'],
    ['a head of its own', { ...ODD, tie_word_embeddings: false }, 'full'],
  ] as const)('the plan samples from what the training path computes: %s', async (_, config, trains) => {
    await open(config, trains);
    const asked = few(requests());
    const sampling = { ...SAMPLING, maxTokens: form === 'software' ? 20 : 5 };
    const completions = await policy.decoder()!.generate(asked, sampling);
    expect(completions.map(({ ids }) => ids.length).every(n => n >= 1 && n <= 20)).toBe(true);
    const trained = await trainingLogps(asked, completions, SAMPLING.temperature);
    const sampled = completions.flatMap(({ logps }) => [...logps]);
    expect(sampled).toHaveLength(trained.length);
    expect(worst(sampled, trained)).toBeLessThan(1e-4);
  });

  test('sequences that join a running batch, alone or in any company, draw the same tokens', async () => {
    await open(ODD, 'lora');
    const decoder = policy.decoder()!;
    const asked = requests();
    const sampling = { ...SAMPLING, maxTokens: form === 'software' ? 20 : 9 };
    // A short one first: slots, tables and pages grow under it as longer ones join.
    const order = form === 'software' ? [3, 6, 0, 4, 2] : [3, 6, 0];
    let over = false;
    const running = decoder.generate([asked[order[0]]], sampling).finally(() => (over = true));
    const later: Promise<Completion[]>[] = [];
    for (const i of order.slice(1)) {
      // The next task, not a time: the first may be over in a few milliseconds, and a busy tab's clocks are late.
      await new Promise(resolve => setTimeout(resolve));
      if (later.length === 0) expect(over).toBe(false);
      later.push(decoder.generate([asked[i]], sampling));
    }
    const joined = [await running, ...(await Promise.all(later))].flat();
    const together = await decoder.generate(
      order.map(i => asked[i]),
      sampling,
    );
    joined.forEach((completion, i) => {
      expect([...completion.ids]).toEqual([...together[i].ids]);
      expect(worst(completion.logps, together[i].logps)).toBeLessThan(1e-4);
    });
  });

  test('weights that change between two calls count, though the first call ended early', async () => {
    await open(ODD, 'lora');
    const asked = requests([5]);
    const greedy = { ...SAMPLING, temperature: 0, maxTokens: 24 };
    const [free] = await policy.decoder()!.generate(asked, { ...greedy, maxTokens: 3 });
    policy.dispose();
    // Its third token becomes the one that ends a turn: on a GPU further steps are then on their way already.
    await open({ ...ODD, eos_token_id: [7, free.ids[2]] }, 'lora');
    const [before] = await policy.decoder()!.generate(asked, greedy);
    expect(before.ended).toBe(true);
    expect(before.ids).toHaveLength([...free.ids].indexOf(free.ids[2]) + 1);
    // At once: a call in the moment in which another one is answered was once never served.
    changeWeights();
    const after = await policy.decoder()!.generate(asked, { ...greedy, maxTokens: 4 });
    const sampled = after.flatMap(({ logps }) => [...logps]);
    expect(worst(sampled, await trainingLogps(asked, after, 1))).toBeLessThan(1e-4);
    expect(after[0].logps[0]).not.toBe(before.logps[0]);
  });
});

test.each(['lora', 'full'] as const)('weights that change between two calls count: %s', async trains => {
  await startBackend('webgpu');
  await open(ODD, trains);
  const asked = requests([5, 9]);
  const greedy = { ...SAMPLING, temperature: 0 };
  const before = await policy.decoder()!.generate(asked, greedy);
  changeWeights();
  const after = await policy.decoder()!.generate(asked, greedy);
  const sampled = after.flatMap(({ logps }) => [...logps]);
  expect(worst(sampled, await trainingLogps(asked, after, 1))).toBeLessThan(1e-4);
  expect([...after[0].logps]).not.toEqual([...before[0].logps]);
  policy.dispose();
});

test.each(['f16', 'int8', 'int4'] as const)(
  'packed weights: the plan samples from what the training path computes: %s',
  async format => {
    await startBackend('webgpu');
    await open(ODD, 'lora', format);
    // Kernels for one sequence compile faster; how many share a pass is nothing to how weights are read.
    const asked = requests(format === 'f16' ? [1, 17] : [17]);
    const sampling = { ...SAMPLING, maxTokens: 6 };
    const { device } = gpuBackend()!;
    const make = device.createBindGroup.bind(device);
    let most = 0;
    device.createBindGroup = group => {
      most = Math.max(most, [...group.entries].length);
      return make(group);
    };
    const completions = await policy.decoder()!.generate(asked, sampling);
    device.createBindGroup = make;
    // One of them is the frame.
    expect(most - 1).toBe(MOST_BUFFERS[format === 'f16' ? 'floats' : 'scaled']);
    const sampled = completions.flatMap(({ logps }) => [...logps]);
    expect(worst(sampled, await trainingLogps(asked, completions, SAMPLING.temperature))).toBeLessThan(1e-4);
    policy.dispose();
  },
);

test('another adapter than the last call had is seen', async () => {
  await startBackend('webgpu');
  await open(ODD, 'lora');
  const asked = requests([5]);
  const greedy = { ...SAMPLING, temperature: 0, maxTokens: 5 };
  await policy.decoder()!.generate(asked, greedy);
  policy.setTrainable({ kind: 'lora', r: 5, alpha: 3, targets: ['w3', 'k_proj'], useRslora: false, seed: 2 });
  changeWeights();
  const after = await policy.decoder()!.generate(asked, greedy);
  expect(worst(after[0].logps, await trainingLogps(asked, after, 1))).toBeLessThan(1e-4);
  policy.dispose();
});

test('what cannot be done fails the calls that wait for it, and the next call is served', async () => {
  await startBackend('webgpu');
  await open(ODD, 'lora');
  const gpu = gpuBackend()!;
  const asked = requests([5, 9]);
  const create = gpu.createBuffer.bind(gpu);
  gpu.createBuffer = (bytes, label, usage) => {
    if (label.includes('pages of values')) throw new RangeError('no room');
    return create(bytes, label, usage);
  };
  const calls = [asked, asked.slice(1)].map(some => policy.decoder()!.generate(some, SAMPLING));
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  gpu.createBuffer = create;
  const completions = await policy.decoder()!.generate(asked, SAMPLING);
  const sampled = completions.flatMap(({ logps }) => [...logps]);
  expect(worst(sampled, await trainingLogps(asked, completions, SAMPLING.temperature))).toBeLessThan(1e-4);
  policy.dispose();
});

test('a repetition penalty makes what was seen less likely, and leaves log-probabilities alone', async () => {
  await startBackend('webgpu');
  await open(EVEN, 'full');
  const asked = requests([12, 30]);
  const penalized = { ...SAMPLING, temperature: 0, repetitionPenalty: 50 };
  const completions = await policy.decoder()!.generate(asked, penalized);
  completions.forEach(({ ids, logps }, i) => {
    const seen = [...asked[i].prompt.ids, ...ids];
    expect(new Set(seen).size).toBeGreaterThan(seen.length - 3);
    expect(Math.max(...logps)).toBeLessThanOrEqual(0);
  });
  const plain = await trainingLogps(asked, completions, 1);
  expect(
    worst(
      completions.flatMap(({ logps }) => [...logps]),
      plain,
    ),
  ).toBeLessThan(1e-4);
  policy.dispose();
});

test('nothing is left on the GPU but what the decoder keeps for the next call', async () => {
  await startBackend('webgpu');
  await open(EVEN, 'lora');
  const bytes = (): number => gpuBackend()!.bytes().used;
  await policy.decoder()!.generate(requests(), SAMPLING);
  const [tensors, used] = [tf.memory().numTensors, bytes()];
  for (let round = 0; round < 3; round++) await policy.decoder()!.generate(requests(), SAMPLING);
  expect(tf.memory().numTensors).toBe(tensors);
  expect(bytes()).toBe(used);
  // Scoring gets the memory of keys and values back.
  policy.decoder()!.rest();
  expect(bytes()).toBeLessThan(used);
  await policy.decoder()!.generate(requests(), SAMPLING);
  expect(bytes()).toBe(used);
  policy.dispose();
});
