import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { startBackend, normalArray } from './index.ts';
import * as ops from './index.ts';
const N = (shape: number[], s = 1, d = 0.05) =>
  tf.tensor(normalArray(s, tf.util.sizeFromShape(shape), 0, d), shape);
function time(name: string, f: () => unknown, n = 3) {
  tf.tidy(() => {
    f();
  });
  const t = performance.now();
  for (let i = 0; i < n; i++)
    tf.tidy(() => {
      f();
    });
  const ms = (performance.now() - t) / n;
  console.log(name.padEnd(40), ms.toFixed(2), 'ms');
  return ms;
}
test('wasm speeds', async () => {
  await startBackend('wasm');
  const w = (tf.backend() as unknown as { wasm: object }).wasm;
  console.log(Object.keys(w).join(' '));
  const [B, T, D, H, Hk, F, V] = [8, 512, 128, 4, 2, 384, 1500];
  const x = N([B * T, D]);
  const wd = N([D, F]);
  const big = N([B * T, F]);
  const x3 = tf.reshape(x, [B, T, D]) as tf.Tensor3D;
  const g = tf.ones([D]) as tf.Tensor1D;
  time('matmul NN 4096x128x384', () => tf.matMul(x, wd));
  time('matmul TN', () => tf.matMul(x, big, true));
  time('matmul NT', () => tf.matMul(big, wd, false, true));
  time('transpose 4096x384', () => tf.transpose(big));
  time('transpose BTHd->BHTd', () => tf.transpose(tf.reshape(x, [B, T, H, 32]), [0, 2, 1, 3]));
  time('add', () => tf.add(big, big));
  time('mul', () => tf.mul(big, big));
  time('mul bcast [D]', () => tf.mul(x, g));
  time('sigmoid', () => tf.sigmoid(big));
  time('exp', () => tf.exp(big));
  time('square', () => tf.square(big));
  time('mean last', () => tf.mean(big, -1));
  time('sum axis0', () => tf.sum(big, 0));
  time('softmax', () => tf.softmax(big));
  time('tanh', () => tf.tanh(big));
  time('erf', () => tf.erf(big));
  time('rsqrt', () => tf.rsqrt(tf.add(tf.square(big), 1)));
  time('slice time', () => tf.slice(x3, [0, 1, 0], [B, T - 1, D]));
  time('pad', () =>
    tf.pad(x3, [
      [0, 0],
      [2, 0],
      [0, 0],
    ]),
  );
  time('concat last', () => tf.concat([x3, x3], 2));
  const G = (f: (...a: tf.Tensor[]) => tf.Tensor, a: tf.Tensor[]) => () => {
    const y = f(...a);
    const gr = tf.grads(f)(a, tf.onesLike(y));
    return gr;
  };
  time(
    'rmsNorm f+b',
    G((x, g) => ops.rmsNorm(x, g as tf.Tensor1D, 1e-5), [x, g]),
  );
  time(
    'silu f+b',
    G(x => ops.silu(x), [big]),
  );
  const k = N([D, 3]) as tf.Tensor2D;
  time(
    'shortConv f+b',
    G((u, k) => ops.shortConv(u as tf.Tensor3D, k as tf.Tensor2D), [x3, k]),
  );
  const q = N([B, H, T, 32], 1, 1) as tf.Tensor4D,
    kk = N([B, Hk, T, 32], 2, 1) as tf.Tensor4D,
    v = N([B, Hk, T, 32], 3, 1) as tf.Tensor4D;
  const c = N([T, 32]);
  time(
    'rotary f+b',
    G(x => ops.rotary(x as tf.Tensor4D, c, c), [q]),
  );
  time('attention fwd', () => ops.attention(q, kk, v, { causal: true, scale: 0.2 }), 1);
  time(
    'attention f+f+b',
    G(
      (q, k, v) =>
        ops.attention(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, { causal: true, scale: 0.2 }),
      [q, kk, v],
    ),
    1,
  );
  const e = N([V, D], 4, 0.3) as tf.Tensor2D;
  const t = tf.tensor1d(
    Int32Array.from({ length: 2000 }, (_, i) => i % V),
    'int32',
  );
  const h = N([2000, D], 5, 1) as tf.Tensor2D;
  time('tokenLogProbs fwd', () => ops.tokenLogProbs(h, e, t, 1), 1);
  time(
    'tokenLogProbs f+f+b',
    G((h, e) => ops.tokenLogProbs(h as tf.Tensor2D, e as tf.Tensor2D, t, 1).logps, [h, e]),
    1,
  );
  time(
    'embed f+b',
    G(e => ops.embed(e as tf.Tensor2D, t), [e]),
  );
  const cache = ops.KvCache.create(32, 2, 700, 32);
  const dq = N([32, 4, 32]) as tf.Tensor3D,
    dk = N([32, 2, 32]) as tf.Tensor3D;
  time('decodeAttention S=32 T=512', () =>
    ops.decodeAttention(dq, dk, dk, cache, new Int32Array(32).fill(512)),
  );
  const W = tf.variable(N([512, 512])),
    m = tf.variable(tf.zeros([512, 512])),
    vv = tf.variable(tf.zeros([512, 512])),
    gr = N([512, 512]);
  time('adamw 262k', () =>
    ops.adamWStep(W, gr, m, vv, {
      learningRate: 1e-3,
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 1e-8,
      weightDecay: 0,
      step: 1,
      gradScale: 1,
    }),
  );
  const s0 = performance.now();
  const sh = N([32, D], 5, 1) as tf.Tensor2D;
  await ops.sampleTokens(sh, e, {
    keys: new Uint32Array(32),
    temperature: 1,
    topK: 0,
    topP: 1,
    minP: null,
    banned: new Int32Array(),
  });
  const s1 = performance.now();
  await ops.sampleTokens(sh, e, {
    keys: new Uint32Array(32),
    temperature: 1,
    topK: 0,
    topP: 1,
    minP: null,
    banned: new Int32Array(),
  });
  console.log('sample 32', s1 - s0, performance.now() - s1);
});
