import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { gpuBackend } from '../../backend.ts';
import { PackedWeight, roundToHalf, type WeightFormat } from '../../packed/index.ts';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { onDeviceWith } from '../../testing.ts';
import { linear } from '../linear/op.ts';
import type { HalfForm } from './half-tile.wgsl.ts';
import { fitsDevice, HALF_FORMS, recordHalf, setHalfProducts } from './record-half.ts';
import type { Product } from './operands.ts';

const PACKED = ['f16', 'int8', 'int4'] as const;

/** A row as the kernel rounds it. WGSL leaves open which way a float16 is rounded; adapters take the nearest. */
function roundedRows(x: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let m = 0; m < rows; m++) {
    const row = Array.from({ length: columns }, (_, k) => x[m * columns + k]);
    const most = Math.max(...row.map(Math.abs));
    const up = most > 0 ? 2 ** (14 - Math.floor(Math.log2(most))) : 1;
    row.forEach((value, k) => (out[m * columns + k] = roundToHalf(value * up) / up));
  }
  return out;
}

interface Case {
  M: number;
  N: number;
  K: number;
  format: (typeof PACKED)[number];
  along: boolean;
  rank?: number;
  bias?: boolean;
  residual?: boolean;
  add?: boolean;
}

/**
 * The kernel against float64 sums of the same rounded numbers.
 * @returns the largest error, as a part of the sum of the terms' magnitudes
 */
async function checkCase(c: Case, form?: HalfForm, x = normalArray(1, c.M * c.K)): Promise<number> {
  const gpu = gpuBackend()!;
  const { M, N, K, format, along, rank = 0 } = c;
  const [rows, columns] = along ? [K, N] : [N, K];
  const weight = PackedWeight.pack(normalArray(2, rows * columns, 0, 0.1), rows, columns, format);
  const [low, up] = [normalArray(3, M * rank), normalArray(4, N * rank)];
  const [bias, residual, before] = [normalArray(5, N), normalArray(6, M * N), normalArray(7, M * N)];
  const tensors = {
    x: tf.tensor1d(x),
    low: tf.tensor1d(low),
    up: tf.tensor1d(up),
    bias: tf.tensor1d(bias),
    residual: tf.tensor1d(residual),
    out: tf.tensor1d(before),
  };
  const product: Product = {
    M,
    N,
    K,
    a: { data: [tensors.x], along: false },
    b: { data: weight.buffers(), format, along },
    second: rank > 0 ? { a: tensors.low, b: tensors.up, along, rank, scaling: 0.5 } : undefined,
    bias: c.bias ? tensors.bias : undefined,
    residual: c.residual ? tensors.residual : undefined,
    out: tensors.out,
    add: c.add,
  };
  recordHalf(gpu, product, form);
  gpu.touched(tensors.out);
  const got = await readTensor(tensors.out);
  const stored = weight.floats();
  const w = Float64Array.from(await readTensor(stored), value => roundToHalf(value));
  const a = roundedRows(x, M, K);
  let worst = 0;
  for (let m = 0; m < M; m++)
    for (let n = 0; n < N; n++) {
      let sum =
        (c.bias ? bias[n] : 0) + (c.residual ? residual[m * N + n] : 0) + (c.add ? before[m * N + n] : 0);
      let size = Math.abs(sum);
      for (let j = 0; j < rank; j++) {
        const term = 0.5 * low[m * rank + j] * up[along ? j * N + n : n * rank + j];
        sum += term;
        size += Math.abs(term);
      }
      for (let k = 0; k < K; k++) {
        const term = a[m * K + k] * w[along ? k * N + n : n * K + k];
        sum += term;
        size += Math.abs(term);
      }
      const error = Math.abs(got[m * N + n] - sum) / (size + 1e-30);
      worst = Number.isFinite(error) ? Math.max(worst, error) : Infinity;
    }
  tf.dispose([...Object.values(tensors), stored]);
  weight.dispose();
  return worst;
}

const SUMMED = 3e-6;

onDeviceWith('matrices', 'products by matrix units are those of the rounded numbers', async () => {
  const cases: Case[] = PACKED.flatMap(format =>
    [false, true].flatMap(along => [
      { M: 65, N: 68, K: 64, format, along, rank: 8, bias: true, residual: true },
      { M: 130, N: 30, K: 37, format, along, rank: 3, add: true },
    ]),
  );
  for (const c of cases) expect(await checkCase(c), JSON.stringify(c)).toBeLessThan(SUMMED);
});

onDeviceWith('matrices', 'every form of a tile gives the same product', async () => {
  for (const along of [false, true])
    for (const form of HALF_FORMS.filter(form => fitsDevice(gpuBackend()!, form, along))) {
      const c: Case = { M: 150, N: 140, K: 100, format: 'f16', along, rank: 4, residual: true };
      expect(await checkCase(c, form), JSON.stringify(form)).toBeLessThan(SUMMED);
    }
});

onDeviceWith(
  'matrices',
  'rows of any size keep their precision: zeros, the least and the largest',
  async () => {
    const [M, K] = [70, 48];
    const x = normalArray(1, M * K);
    const sizes = [0, 1e-36, 1e-20, 1e-7, 1, 60, 1e5, 1e20];
    x.forEach((value, i) => (x[i] = value * sizes[Math.floor(i / K) % sizes.length]));
    for (const along of [false, true]) {
      const c: Case = { M, N: 40, K, format: 'f16', along };
      expect(await checkCase(c, undefined, x)).toBeLessThan(SUMMED);
    }
  },
);

onDeviceWith(
  'matrices',
  'a layer takes them where they are wanted, and errs by 2^-11 of its terms',
  async () => {
    const [M, N, K] = [96, 64, 128];
    for (const format of PACKED satisfies readonly WeightFormat[]) {
      const weight = PackedWeight.pack(normalArray(2, N * K, 0, 0.1), N, K, format);
      const x = tf.tensor2d(normalArray(1, M * K), [M, K]);
      const dy = tf.tensor2d(normalArray(3, M * N, 0, 1e-6), [M, N]);
      const grad = tf.grad(x => linear(x as tf.Tensor2D, weight));
      const both = () => tf.tidy(() => [linear(x, weight), grad(x, dy)]);
      const plain = both();
      expect(setHalfProducts(true)).toBe(true);
      const half = both();
      setHalfProducts(false);
      for (const i of [0, 1]) {
        const [a, b] = [await readTensor(plain[i]), await readTensor(half[i])];
        const scale = Math.hypot(...a) / Math.sqrt(a.length);
        const error = Math.hypot(...a.map((value, j) => value - b[j])) / Math.sqrt(a.length) / scale;
        // Some rounding there must be, or float32 tiles have run.
        expect(error, `${format} ${i}`).toBeGreaterThan(1e-6);
        expect(error, `${format} ${i}`).toBeLessThan(2 ** -11);
      }
      tf.dispose([x, dy, plain, half]);
      weight.dispose();
    }
  },
);
