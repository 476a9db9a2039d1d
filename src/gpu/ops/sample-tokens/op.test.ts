import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { hashKey, normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { startBackend } from '../../start.ts';
import { expectClose, onBothBackends } from '../../testing.ts';
import { tokenLogProbs } from '../token-log-probs/op.ts';
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
  const result = await sampleTokens(hidden, head, { ...PLAIN, keys: keys(count), ...o });
  tf.dispose([hidden, head]);
  return result;
}

function shares(tokens: Int32Array, size: number): number[] {
  const counts = new Array<number>(size).fill(0);
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
