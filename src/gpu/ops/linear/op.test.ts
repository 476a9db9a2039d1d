import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { gpuBackend } from '../../backend.ts';
import { PackedWeight, WEIGHT_FORMATS, type WeightFormat } from '../../packed/index.ts';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { checkOp, expectClose, onBothBackends, onHardwareForm, type Arg, type Plain } from '../../testing.ts';
import { linear } from './op.ts';
import { thinLinear } from './raw.ts';

interface Case {
  M: number;
  N: number;
  K: number;
  rank?: number;
  bias?: boolean;
  residual?: boolean;
}

const CASES: Case[] = [
  { M: 1, N: 7, K: 5 },
  { M: 3, N: 9, K: 64, rank: 2, residual: true },
  { M: 11, N: 6, K: 36, rank: 9, bias: true },
  { M: 5, N: 33, K: 40, bias: true },
  { M: 6, N: 8, K: 12, residual: true },
  // More than a tile each way, and none whole.
  { M: 19, N: 37, K: 22, rank: 5, bias: true, residual: true },
];

const SCALING = 0.7;

const weights = new Map<string, Float32Array>();
function weightOf({ N, K }: Case): Float32Array {
  const key = `${N} ${K}`;
  if (!weights.has(key)) weights.set(key, normalArray(N + K, N * K));
  return weights.get(key)!;
}

/** x, then A, B, bias and residual as far as the case has them. */
function plainLinear(c: Case, w: ArrayLike<number>): Plain {
  return (x, ...rest) => {
    const [a, b] = c.rank ? rest : [];
    const bias = c.bias ? rest.at(c.residual ? -2 : -1) : undefined;
    const residual = c.residual ? rest.at(-1) : undefined;
    const out = new Float64Array(c.M * c.N);
    for (let m = 0; m < c.M; m++)
      for (let n = 0; n < c.N; n++) {
        let sum = (bias?.[n] ?? 0) + (residual?.[m * c.N + n] ?? 0);
        for (let k = 0; k < c.K; k++) {
          let weight = w[n * c.K + k];
          for (let j = 0; j < (c.rank ?? 0); j++) weight += SCALING * b[n * c.rank! + j] * a[j * c.K + k];
          sum += x[m * c.K + k] * weight;
        }
        out[m * c.N + n] = sum;
      }
    return out;
  };
}

async function checkLinear(c: Case, format: WeightFormat): Promise<void> {
  const weight = PackedWeight.pack(weightOf(c), c.N, c.K, format);
  // Made on first use and kept: not a leak of the op's.
  if (!gpuBackend()) weight.heapTransposed();
  const args: Arg[] = [
    { shape: [c.M, c.K] },
    ...(c.rank ? [{ shape: [c.rank, c.K] }, { shape: [c.N, c.rank] }] : []),
    ...(c.bias ? [{ shape: [c.N] }] : []),
    ...(c.residual ? [{ shape: [c.M, c.N] }] : []),
  ];
  const op = (x: tf.Tensor, ...rest: tf.Tensor[]): tf.Tensor =>
    linear(x as tf.Tensor2D, weight, {
      lora: c.rank ? { a: rest[0] as tf.Tensor2D, b: rest[1] as tf.Tensor2D, scaling: SCALING } : undefined,
      bias: c.bias ? (rest.at(c.residual ? -2 : -1) as tf.Tensor1D) : undefined,
      residual: c.residual ? (rest.at(-1) as tf.Tensor2D) : undefined,
    });
  // What is stored: WGSL may round a scale either way, and a level near the middle with it.
  const stored = weight.floats();
  const values = await readTensor(stored);
  stored.dispose();
  await checkOp(op, plainLinear(c, values), args);
  weight.dispose();
}

for (const format of WEIGHT_FORMATS) {
  onBothBackends(`linear on ${format} weights and its gradients hold`, async () => {
    for (const c of CASES) await checkLinear(c, format);
  });
}

// SwiftShader takes seconds to compile what has a barrier; a real GPU checks every case.
const isSlow = (): boolean => gpuBackend()!.gpu.name.includes('swiftshader');

onHardwareForm('linear and its gradients hold', async () => {
  for (const format of isSlow() ? (['int8'] as const) : WEIGHT_FORMATS)
    for (const c of isSlow() ? CASES.slice(2, 3) : CASES) await checkLinear(c, format);
});

onHardwareForm('tall linear and its gradients hold', async () => {
  for (const format of isSlow() ? (['int4'] as const) : WEIGHT_FORMATS) {
    await checkLinear({ M: 65, N: 68, K: 64, rank: 8, bias: true, residual: true }, format);
    if (isSlow()) continue;
    await checkLinear({ M: 130, N: 30, K: 37, rank: 3, residual: true }, format);
    // Split over K.
    await checkLinear({ M: 70, N: 20, K: 300, residual: true }, format);
  }
});

onHardwareForm('a thin product with and without subgroups, with what can be fused in', async () => {
  const gpu = gpuBackend()!;
  const [S, N, K, rank] = [9, 21, 72, 3];
  const [x, gain, w, v, bias, residual, low, up] = [S * K, K, N * K, N * K, N, S * N, S * rank, N * rank].map(
    (size, i) => normalArray(i, size),
  );
  const packed = [w, v].map(values => PackedWeight.pack(values, N, K, 'int8'));
  const stored = packed.map(weight => weight.floats());
  const [W, V] = await Promise.all(stored.map(values => readTensor(values)));
  tf.dispose(stored);
  const [gated, plain] = [new Float64Array(S * N), new Float64Array(S * N)];
  for (let s = 0; s < S; s++)
    for (let n = 0; n < N; n++) {
      let [a, b, squares] = [0, 0, 0];
      for (let k = 0; k < K; k++) {
        squares += x[s * K + k] ** 2;
        a += x[s * K + k] * gain[k] * W[n * K + k];
        b += x[s * K + k] * gain[k] * V[n * K + k];
      }
      const r = 1 / Math.sqrt(squares / K + 1e-5);
      gated[s * N + n] = ((a * r) / (1 + Math.exp(-a * r))) * b * r;
      let y = a * r + bias[n] + residual[s * N + n];
      for (let j = 0; j < rank; j++) y += 0.3 * low[s * rank + j] * up[n * rank + j];
      plain[s * N + n] = y;
    }
  const common = { rows: S, norm: { eps: 1e-5 } };
  const products = [
    { expected: gated, options: { ...common, gated: true } },
    {
      expected: plain,
      options: { ...common, bias: true, residual: true, lora: { rank, scaling: 0.3 } },
    },
  ];
  const named = {
    x_words: x,
    gain_words: gain,
    w_words: packed[0].buffers()[0],
    w_scales: packed[0].buffers()[1],
    v_words: packed[1].buffers()[0],
    v_scales: packed[1].buffers()[1],
    bias,
    residual,
    low,
    up,
  };
  for (const form of [
    { rows: 4, threads: 1, subgroups: false },
    { rows: 2, threads: 32, subgroups: false },
    { rows: 3, threads: 64, subgroups: true },
  ]) {
    if (form.subgroups && !gpu.gpu.features.includes('subgroups')) continue;
    for (const { expected, options } of products) {
      const y = gpu.tensor([S, N]);
      const kernel = thinLinear(gpu, packed[0], options, form);
      const bindings = kernel.bindings.map(name => (name === 'y' ? y : named[name as keyof typeof named]));
      gpu.dispatch(kernel.key, kernel.code, bindings, kernel.params, kernel.groups);
      expectClose(await readTensor(y), expected, 1e-4, JSON.stringify(form));
      y.dispose();
    }
  }
  packed.forEach(weight => weight.dispose());
});

onBothBackends('shapes that do not fit are refused', async () => {
  const weight = PackedWeight.pack(new Float32Array(12), 3, 4, 'f32');
  const x = tf.zeros([2, 5]) as tf.Tensor2D;
  expect(() => linear(x, weight)).toThrow(RangeError);
  const [fits, residual] = [tf.zeros([2, 4]) as tf.Tensor2D, tf.zeros([1, 3]) as tf.Tensor2D];
  expect(() => linear(fits, weight, { residual })).toThrow(RangeError);
  tf.dispose([x, fits, residual]);
  weight.dispose();
});
