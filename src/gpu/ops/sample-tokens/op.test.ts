import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { gpuBackend } from '../../backend.ts';
import { params } from '../../fused.ts';
import { hashKey, normalArray, uniform } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { startBackend } from '../../start.ts';
import { expectClose, onBothBackends } from '../../testing.ts';
import { tokenLogProbs } from '../token-log-probs/op.ts';
import { sampleWgsl } from './kernel.wgsl.ts';
import { sampleTokens, type SampledTokens, type SampleOptions } from './op.ts';

const PLAIN: SampleOptions = {
  keys: new Uint32Array(),
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: null,
  banned: new Int32Array(),
};

const keys = (count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => hashKey('test', i));

/** Draws `count` times from one row of logits (hidden = [1], head = the logits). */
async function draws(logits: number[], count: number, o: Partial<SampleOptions>): Promise<SampledTokens> {
  const hidden = tf.ones<tf.Rank.R2>([count, 1]);
  const head = tf.tensor2d(logits, [logits.length, 1]);
  try {
    return await sampleTokens(hidden, head, { ...PLAIN, keys: keys(count), ...o });
  } finally {
    tf.dispose([hidden, head]);
  }
}

function shares(tokens: Int32Array, size: number): number[] {
  const counts = Array.from({ length: size }, () => 0);
  for (const token of tokens) counts[token]++;
  return counts.map(count => count / tokens.length);
}

onBothBackends('tokens are drawn by their probability at the temperature', async () => {
  const { tokens } = await draws([0, 2, 1, -1], 2000, { temperature: 2 });
  const weights = [0, 2, 1, -1].map(l => Math.exp(l / 2));
  const total = weights.reduce((a, b) => a + b, 0);
  // Four standard errors of a share of 2000 draws are at most 0.045.
  expectClose(
    shares(tokens, 4),
    weights.map(w => w / total),
    0.045,
  );
});

onBothBackends(
  'temperature 0 takes the most likely token, the lowest id on ties, none that is banned',
  async () => {
    expect([...(await draws([1, 3, 3, 2], 2, { temperature: 0 })).tokens]).toEqual([1, 1]);
    expect([
      ...(await draws([1, 3, 3, 2], 1, { temperature: 0, banned: Int32Array.of(1, 2) })).tokens,
    ]).toEqual([3]);
  },
);

onBothBackends(
  'each sequence draws from its own tokens where it has some, whatever the others have',
  async () => {
    const V = 70;
    const logits = normalArray(3, V);
    const only = (...ids: number[]): Uint32Array => {
      const bits = new Uint32Array(Math.ceil(V / 32));
      for (const id of ids) bits[id >>> 5] |= 1 << (id & 31);
      return bits;
    };
    const sets = [[3, 40, 69], null, [31], [0, 5]];
    const count = 200;
    const allowed = Array.from({ length: count }, (_, i) => (sets[i % 4] ? only(...sets[i % 4]!) : null));
    const free = await draws([...logits], count, {});
    const held = await draws([...logits], count, { allowed, banned: Int32Array.of(5) });
    held.tokens.forEach((token, i) => {
      const own = sets[i % 4];
      if (own) expect(own).toContain(token);
      expect(token).not.toBe(5);
      // Same key, same noise: who may draw anything draws what it would have.
      if (!own && free.tokens[i] !== 5) expect(token).toBe(free.tokens[i]);
    });
    expect(new Set(held.tokens.filter((_, i) => i % 4 === 0))).toEqual(new Set([3, 40, 69]));
    const log = (id: number): number =>
      logits[id] - Math.log(logits.reduce((sum, l) => sum + Math.exp(l), 0));
    // The log-probability is that among all tokens.
    held.tokens.forEach((token, i) => expect(held.logps[i]).toBeCloseTo(log(token), 4));
    await expect(draws([1, 2], 2, { allowed: [null] })).rejects.toThrow('2 sequences need 2 sets of tokens');
  },
);

onBothBackends('top-k, top-p, min-p and bans bound what can be drawn', async () => {
  const logits = [0.5, 0.3, 0.15, 0.05].map(Math.log);
  const seen = async (o: Partial<SampleOptions>): Promise<number[]> => {
    const { tokens } = await draws(logits, 300, o);
    return [...new Set(tokens)].sort((a, b) => a - b);
  };
  expect(await seen({ topK: 2 })).toEqual([0, 1]);
  expect(await seen({ topK: 1 })).toEqual([0]);
  expect(await seen({ topP: 0.79 })).toEqual([0, 1]);
  expect(await seen({ topP: 0.81 })).toEqual([0, 1, 2]);
  expect(await seen({ topP: 1e-6 })).toEqual([0]);
  expect(await seen({ minP: 0.2 })).toEqual([0, 1, 2]);
  expect(await seen({ banned: Int32Array.of(0, 2) })).toEqual([1, 3]);
  // Of the three kept by top-k the first two hold 0.84.
  expect(await seen({ topK: 3, topP: 0.83 })).toEqual([0, 1]);
});

/** Two rows of logits, what each has said before, and the probabilities that transformers 5.24.0's processors make of them. */
const PENALISED = {
  logits: [
    [-3.051, -1.5, -1.308, -3.219, -0.2, -1.218, -1.96, -3.218, 0.878, 2.342, 3.535, -0.191],
    [0.279, -3.157, -0.641, -0.599, -1.597, 0.671, 0.551, 3.433, -0.112, 1.821, -2.785, 5.378],
  ],
  seen: [
    [3, 7, 7, 11, 0, 3],
    [5, 0, 1, 2, 5, 5],
  ],
  cases: [
    {
      penalty: 1.7,
      temperature: 1,
      topK: 0,
      topP: 1,
      expected: [
        [
          0.0001127, 0.0044996, 0.005452, 8.47e-5, 0.0165104, 0.0059655, 0.0028405, 8.49e-5, 0.0485207,
          0.2097656, 0.6915884, 0.0145748,
        ],
        [
          0.004529, 1.79e-5, 0.0012926, 0.0021114, 0.0007783, 0.0057035, 0.0066684, 0.1190298, 0.0034362,
          0.023745, 0.0002373, 0.8324505,
        ],
      ],
    },
    {
      penalty: 0.6,
      temperature: 1,
      topK: 0,
      topP: 1,
      expected: [
        [
          0.003194, 0.0044454, 0.0053863, 0.0028877, 0.0163113, 0.0058936, 0.0028063, 0.0028894, 0.0479356,
          0.2072361, 0.6832488, 0.0177655,
        ],
        [
          0.0060611, 0.0005727, 0.0025916, 0.0020915, 0.000771, 0.011649, 0.0066054, 0.1179061, 0.0034038,
          0.0235209, 0.000235, 0.8245918,
        ],
      ],
    },
    {
      penalty: 1.3,
      temperature: 1.5,
      topK: 8,
      topP: 0.9,
      expected: [
        [0, 0, 0, 0, 0.0464552, 0, 0, 0, 0.0953119, 0.2529407, 0.5603091, 0.0449832],
        [0, 0, 0, 0, 0, 0, 0.0284576, 0.1943669, 0, 0.0663591, 0, 0.7108164],
      ],
    },
  ],
};

onBothBackends('a repetition penalty draws from the distribution that transformers makes', async () => {
  const { logits, seen, cases } = PENALISED;
  for (const { expected, penalty, ...o } of cases) {
    for (const [row, own] of logits.entries()) {
      const count = 300;
      const repetition = { penalty, seen: Array.from({ length: count }, () => seen[row]) };
      const { tokens, logps } = await draws(own, count, { ...o, repetition });
      // The noise is known, so not only the shares but every single draw follows from the probabilities.
      const wanted = Array.from(keys(count), key => {
        const scores = expected[row].map((p, id) => Math.log(p) - Math.log(-Math.log(uniform(key, id))));
        return scores.indexOf(Math.max(...scores));
      });
      expect([...tokens]).toEqual(wanted);
      expect(new Set(tokens).size).toBeGreaterThan(3);
      // TRL scores tokens without the processors.
      const scaled = own.map(logit => logit / o.temperature);
      const lse = Math.log(scaled.reduce((sum, logit) => sum + Math.exp(logit), 0));
      expectClose(
        logps,
        Array.from(tokens, id => scaled[id] - lse),
        1e-5,
      );
    }
  }
  const greedy = { temperature: 0, repetition: { penalty: 3, seen: [[1], []] } };
  expect([...(await draws([1, 2, 0.9], 2, greedy)).tokens]).toEqual([0, 1]);
  await expect(draws([0, 0], 2, { repetition: { penalty: 2, seen: [[]] } })).rejects.toThrow(
    'lists of tokens',
  );
});

onBothBackends("a sampled token's log-probability is what tokenLogProbs gives it", async () => {
  const [S, D, V] = [7, 10, 333];
  const hidden = tf.tensor2d(normalArray(1, S * D), [S, D]);
  const head = tf.tensor2d(normalArray(2, V * D), [V, D]);
  for (const o of [{ temperature: 0.6 }, { temperature: 0 }, { temperature: 1, topK: 5, topP: 0.9 }]) {
    const { tokens, logps } = await sampleTokens(hidden, head, { ...PLAIN, keys: keys(S), ...o });
    const targets = tf.tensor1d(tokens, 'int32');
    const scored = tokenLogProbs(hidden, head, targets, o.temperature || 1);
    expectClose(logps, await readTensor(scored.logps), 1e-5);
    tf.dispose([targets, scored.logps, scored.entropy]);
  }
  tf.dispose([hidden, head]);
});

onBothBackends('wasm and webgpu draw the same tokens', async () => {
  const [S, D, V] = [40, 6, 500];
  const sample = async (backend: 'wasm' | 'webgpu'): Promise<number[]> => {
    await startBackend(backend);
    const hidden = tf.tensor2d(normalArray(1, S * D), [S, D]);
    const head = tf.tensor2d(normalArray(2, V * D), [V, D]);
    const all: number[] = [];
    for (const o of [{}, { topK: 9 }, { topP: 0.8 }, { minP: 0.05 }]) {
      all.push(...(await sampleTokens(hidden, head, { ...PLAIN, keys: keys(S), ...o })).tokens);
    }
    tf.dispose([hidden, head]);
    return all;
  };
  const [here, there] = [await sample('wasm'), await sample('webgpu')];
  expect(here).toEqual(there);
});

test('many threads a sequence draw what one draws', async () => {
  await startBackend('webgpu');
  const gpu = gpuBackend()!;
  const [S, V] = [3, 150];
  const logits = tf.tensor2d(normalArray(1, S * V, 0, 2), [S, V]);
  const bans = new Uint32Array(5).fill(0x10);
  const seen = new Uint32Array(15).fill(0x0f0f);
  for (const [topK, topP] of [
    [false, false],
    [true, true],
  ]) {
    const numbers = params(S, V, 20, 0, { f32: 0.9 }, { f32: 0.7 }, { f32: -3 }, { f32: 1.4 });
    const [wide, narrow] = [gpu.tensor([S, 2], 'int32'), gpu.tensor([S, 2], 'int32')];
    const run = (width: number, out: tf.Tensor): void =>
      gpu.dispatch(
        `test-sample-${width}-${topK}`,
        sampleWgsl({ width, topK, topP, penalty: topK, ownBans: false }),
        [logits, keys(S), bans, ...(topK ? [seen] : []), out],
        numbers,
        [S, 1, 1],
      );
    run(16, wide);
    run(1, narrow);
    const [a, b] = [await readTensor(wide), await readTensor(narrow)];
    const tokens = (x: ArrayLike<number>): number[] => [0, 1, 2].map(row => x[2 * row]);
    expect(tokens(a)).toEqual(tokens(b));
    expectClose(new Float32Array(a.buffer), new Float32Array(b.buffer), 1e-5);
    tf.dispose([wide, narrow]);
  }
  logits.dispose();
});

onBothBackends('a missing key and a vocabulary that is wholly banned are errors', async () => {
  await expect(draws([1, 2], 2, { keys: keys(1) })).rejects.toThrow(RangeError);
  await expect(draws([1, 2], 1, { banned: Int32Array.of(0, 1) })).rejects.toThrow('banned');
});
