import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { expectClose, onBackend } from '../../testing.ts';
import { recordQuad } from './record-quad.ts';

interface Case {
  M: number;
  N: number;
  K: number;
  alongA?: boolean;
  alongB?: boolean;
  batch?: number;
  sharedB?: boolean;
  rank?: number;
  alongSecond?: boolean;
  bias?: boolean;
  residual?: boolean;
  add?: boolean;
  scale?: number;
}

const SCALING = 0.7;

/** Every order of the operands, whole tiles and parts of them, and every part that a product can have. */
const CASES: Case[] = [
  { M: 16, N: 32, K: 8, rank: 4, bias: true, residual: true },
  { M: 9, N: 17, K: 5, rank: 3, bias: true, residual: true, add: true },
  { M: 13, N: 20, K: 7, alongB: true, rank: 6, alongSecond: true, residual: true, scale: 1.3 },
  { M: 11, N: 19, K: 6, alongA: true, alongB: true, scale: -0.4 },
  { M: 20, N: 36, K: 10, alongA: true, alongB: true, batch: 2, add: true },
  { M: 7, N: 3, K: 13, alongB: true, batch: 3, sharedB: true },
  { M: 1, N: 34, K: 4, alongA: true },
];

/** The same in float64. */
function expectedOf(c: Case, values: Float32Array[], held: Float32Array): Float64Array {
  const { M, N, K, batch = 1, rank = 0 } = c;
  const [a, b, a2, b2, bias, residual] = values;
  const out = new Float64Array(batch * M * N);
  for (let z = 0; z < batch; z++)
    for (let m = 0; m < M; m++)
      for (let n = 0; n < N; n++) {
        const at = (z * M + m) * N + n;
        let sum = 0;
        for (let k = 0; k < K; k++) {
          const x = a[z * M * K + (c.alongA ? k * M + m : m * K + k)];
          sum += x * b[(c.sharedB ? 0 : z * N * K) + (c.alongB ? k * N + n : n * K + k)];
        }
        for (let j = 0; j < rank; j++)
          sum += SCALING * a2[m * rank + j] * b2[c.alongSecond ? j * N + n : n * rank + j];
        out[at] =
          (c.scale ?? 1) * sum +
          (c.bias ? bias[n] : 0) +
          (c.residual ? residual[at] : 0) +
          (c.add ? held[at] : 0);
      }
  return out;
}

async function checkQuad(c: Case): Promise<void> {
  const gpu = gpuBackend()!;
  const { M, N, K, batch = 1, rank = 0 } = c;
  const shapes = [[batch * M * K], [(c.sharedB ? 1 : batch) * N * K], [M * rank], [N * rank], [N], [M * N]];
  const values = shapes.map(([size], i) => normalArray(M + i, size));
  const [a, b, low, up, bias, residual] = shapes.map((shape, i) => tf.tensor(values[i], shape));
  const held = normalArray(9, batch * M * N);
  const out = tf.tensor(held, [batch * M * N]);
  recordQuad(gpu, {
    M,
    N,
    K,
    batch,
    a: { data: [a], along: c.alongA ?? false, batchRows: c.alongA ? K : M },
    b: { data: [b], along: c.alongB ?? false, batchRows: c.sharedB ? 0 : c.alongB ? K : N },
    second: c.rank ? { a: low, b: up, along: c.alongSecond ?? false, rank, scaling: SCALING } : undefined,
    bias: c.bias ? bias : undefined,
    residual: c.residual ? residual : undefined,
    add: c.add,
    scale: c.scale,
    out,
  });
  expectClose(await readTensor(out), expectedOf(c, values, held), 1e-5, JSON.stringify(c));
  tf.dispose([a, b, low, up, bias, residual, out]);
}

onBackend('webgpu', 'products of quads hold, with and without quad operations', async () => {
  const { gpu } = gpuBackend()!;
  const { features } = gpu;
  for (const c of CASES) await checkQuad(c);
  gpu.features = features.filter(feature => feature !== 'subgroups');
  try {
    for (const c of CASES) await checkQuad(c);
  } finally {
    gpu.features = features;
  }
});

onBackend('webgpu', 'products of quads hold on random shapes', async () => {
  const random = (seed: number): number[] =>
    Array.from(normalArray(seed, 8, 0, 10), x => Math.ceil(Math.abs(x) + 0.01));
  for (let seed = 1; seed <= 6; seed++) {
    const [M, N, K, rank, ...flags] = random(seed);
    const [alongA, alongB, alongSecond, bias] = flags.map(flag => flag % 2 === 1);
    const c = { M: 2 * M, N: 2 * N + 1, K, rank, alongA, alongB, alongSecond, bias };
    await checkQuad(c);
  }
});
