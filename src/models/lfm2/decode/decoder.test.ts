import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  gpuBackend,
  GpuBackend,
  normalArray,
  readTensor,
  startBackend,
  tokenLogProbs,
} from '../../../gpu/index.ts';
import { fixtureFiles } from '../../fixture-files.ts';
import { initPolicy } from '../../load.ts';
import type { Policy, SamplingOptions } from '../../policy.ts';
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

async function open(config: Record<string, unknown>, trains: 'lora' | 'full'): Promise<void> {
  const files = await fixtureFiles('lfm2');
  policy = await initPolicy(config, files, 3);
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
  ] as const)('the plan samples from what the training path computes: %s', async (_, config, trains) => {
    await open(config, trains);
    const asked = few(requests());
    const sampling = { ...SAMPLING, maxTokens: form === 'software' ? 20 : 5 };
    const completions = await policy.decoder()!.generate(asked, sampling);
    expect(completions.map(({ ids }) => ids.length).every(n => n >= 1 && n <= 20)).toBe(true);
    const trained = await trainingLogps(asked, completions, SAMPLING.temperature);
    const sampled = completions.flatMap(({ logps }) => [...logps]);
    expect(sampled).toHaveLength(trained.length);
  });

  test('sequences that join a running batch, alone or in any company, draw the same tokens', async () => {
    await open(ODD, 'lora');
    const decoder = policy.decoder()!;
    const asked = requests();
    const sampling = { ...SAMPLING, maxTokens: form === 'software' ? 20 : 9 };
    const together = await decoder.generate(asked, sampling);
    const running = decoder.generate([asked[6]], sampling);
    const later: Promise<{ ids: Int32Array; logps: Float32Array }[]>[] = [];
    for (const request of [asked[3], asked[0], asked[4]]) {
      await new Promise(resolve => setTimeout(resolve, 20));
      later.push(decoder.generate([request], sampling));
    }
    const [first, ...joined] = [await running, ...(await Promise.all(later))].flat();
    for (const [i, completion] of [
      [6, first],
      [3, joined[0]],
      [0, joined[1]],
      [4, joined[2]],
    ] as const) {
      expect([...completion.ids]).toEqual([...together[i].ids]);
      expect(worst(completion.logps, together[i].logps)).toBeLessThan(1e-4);
    }
  });
});

test('weights that change between two calls count', async () => {
  await startBackend('webgpu');
  await open(ODD, 'lora');
  const asked = requests([5, 9]);
  const greedy = { ...SAMPLING, temperature: 0 };
  const before = await policy.decoder()!.generate(asked, greedy);
  policy
    .trainable()
    .forEach(({ variable }, i) =>
      variable.assign(tf.tensor(normalArray(50 + i, variable.size, 0, 0.3), variable.shape)),
    );
  const after = await policy.decoder()!.generate(asked, greedy);
  expect(
    worst(
      after.flatMap(({ logps }) => [...logps]),
      await trainingLogps(asked, after, 1),
    ),
  ).toBeLessThan(1e-4);
  expect([...after[0].logps]).not.toEqual([...before[0].logps]);
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
  policy.dispose();
});
