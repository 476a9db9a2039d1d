import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { gpuBackend } from '../../backend.ts';
import { params } from '../../fused.ts';
import { hashKey, normalArray } from '../../random.ts';
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
  for (const [topK, topP] of [
    [false, false],
    [true, true],
  ]) {
    const numbers = params(S, V, 20, 0, { f32: 0.9 }, { f32: 0.7 }, { f32: -3 });
    const [wide, narrow] = [gpu.tensor([S, 2], 'int32'), gpu.tensor([S, 2], 'int32')];
    const run = (width: number, out: tf.Tensor): void =>
      gpu.dispatch(
        `test-sample-${width}-${topK}`,
        sampleWgsl({ width, topK, topP }),
        [logits, keys(S), bans, out],
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
