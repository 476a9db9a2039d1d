import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { expectClose, onBothBackends } from '../../testing.ts';
import { attentionReference } from '../attention/reference.ts';
import { gpuBackend } from '../../backend.ts';
import { decodeWgsl } from './kernel.wgsl.ts';
import { KvCache } from './kv-cache.ts';
import { decodeAttention } from './op.ts';

interface Case {
  S: number;
  H: number;
  Hk: number;
  T: number;
  d: number;
}

const take = (x: tf.Tensor4D, t: number): tf.Tensor3D => {
  const [S, H, , d] = x.shape;
  return tf.reshape(tf.slice(x, [0, 0, t, 0], [S, H, 1, d]), [S, H, d]);
};

/** Decodes the last two positions after a prefill of the others, and compares with attention over the whole. */
async function decodesLikeAttention({ S, H, Hk, T, d }: Case): Promise<void> {
  const [q, k, v] = [H, Hk, Hk].map((heads, i) =>
    tf.tensor4d(normalArray(i + T, S * heads * T * d), [S, heads, T, d]),
  );
  const whole = tf.tidy(() => attentionReference(q, k, v, { causal: true, scale: 1 / Math.sqrt(d) }));
  const prefix = (x: tf.Tensor4D): tf.Tensor4D => tf.slice(x, [0, 0, 0, 0], [S, Hk, T - 2, d]);
  const [pk, pv] = [prefix(k), prefix(v)];
  const cache = KvCache.fromPrefill(pk, pv, T + 3);
  const outs = [T - 2, T - 1].map(t =>
    tf.tidy(() => decodeAttention(take(q, t), take(k, t), take(v, t), cache, new Int32Array(S).fill(t))),
  );
  const expected = tf.tidy(() => [T - 2, T - 1].map(t => take(whole, t)));
  for (const i of [0, 1]) expectClose(await readTensor(outs[i]), await readTensor(expected[i]), 1e-5);
  cache.dispose();
  tf.dispose([q, k, v, whole, pk, pv, outs, expected]);
}

for (const c of [
  { S: 3, H: 4, Hk: 2, T: 9, d: 6 },
  { S: 1, H: 3, Hk: 1, T: 130, d: 5 },
  { S: 2, H: 2, Hk: 2, T: 3, d: 72 },
]) {
  const name = `${c.S} sequences of ${c.T} with ${c.H} over ${c.Hk} heads of ${c.d}`;
  onBothBackends(`decoding token by token equals attention over the whole: ${name}`, () =>
    decodesLikeAttention(c),
  );
}

onBothBackends('the kernel for real GPUs decodes like the one for software adapters', async backend => {
  if (backend === 'wasm') return;
  const gpu = gpuBackend()!;
  // Small tiles: SwiftShader takes ten seconds to compile those of 64, which differ in nothing else.
  const [S, H, Hk, T, d, tile] = [2, 4, 2, 37, 19, 8];
  const [q, k, v, ck, cv] = [H, Hk, Hk, Hk * T, Hk * T].map((n, i) =>
    tf.tensor3d(normalArray(i, S * n * d), [S, n, d]),
  );
  const [k4, v4] = [ck, cv].map(x => tf.reshape<tf.Rank.R4>(x, [S, Hk, T, d]));
  const cache = KvCache.fromPrefill(k4, v4, T);
  const positions = Int32Array.from([36, 15]);
  const out = gpu.tensor([S, H, d]);
  const params = new DataView(new ArrayBuffer(32));
  [H, Hk, T, S * H].forEach((n, i) => params.setUint32(4 * i, n, true));
  params.setFloat32(16, 1 / Math.sqrt(d), true);
  if (cache.store.kind !== 'gpu') throw new Error('a webgpu cache lives on the GPU');
  const bindings = [q, k, v, cache.store.k, cache.store.v, positions, out];
  gpu.dispatch('test-decode', decodeWgsl(d, tile), bindings, params, [S * H, 1, 1]);
  const expected = decodeAttention(q, k, v, cache, positions);
  expectClose(await readTensor(out), await readTensor(expected), 1e-5);
  cache.dispose();
  tf.dispose([q, k, v, ck, cv, k4, v4, out, expected]);
});

onBothBackends('forked rows continue on their own', async () => {
  const [Hk, d] = [1, 2];
  const k = tf.tensor4d([1, 0, 0, 1, 2, 2, 3, 3], [2, Hk, 2, d]);
  const cache = KvCache.fromPrefill(k, k, 4);
  const forked = cache.fork(Int32Array.from([1, 0, 1]));
  const at = Int32Array.from([2, 2, 2]);
  const q = tf.zeros<tf.Rank.R3>([3, 1, d]);
  const fresh = tf.tensor3d([9, 9, 6, 6, 0, 0], [3, Hk, d]);
  const out = decodeAttention(q, fresh, fresh, forked, at);
  // A query of zeros attends evenly: the mean of the two cached rows and the new one.
  expectClose(await readTensor(out), [14 / 3, 14 / 3, 7 / 3, 7 / 3, 5 / 3, 5 / 3], 1e-5);
  const [two, one] = [tf.zeros<tf.Rank.R3>([2, 1, d]), tf.zeros<tf.Rank.R3>([2, Hk, d])];
  const parent = decodeAttention(two, one, one, cache, Int32Array.from([1, 2]));
  expectClose(await readTensor(parent), [0.5, 0, 5 / 3, 5 / 3], 1e-5, 'the parent is unchanged by its forks');
  expect(() => decodeAttention(q, fresh, fresh, forked, Int32Array.from([0, 4, 0]))).toThrow(RangeError);
  expect(() => cache.fork(Int32Array.from([2]))).toThrow(RangeError);
  cache.dispose();
  forked.dispose();
  tf.dispose([k, q, fresh, out, two, one, parent]);
});
