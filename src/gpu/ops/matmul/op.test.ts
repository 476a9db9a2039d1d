import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { gpuBackend } from '../../backend.ts';
import { readTensor } from '../../read.ts';
import { startBackend } from '../../start.ts';
import { normalArray } from '../../random.ts';
import { checkOp, expectClose, onBothBackends, onHardwareForm, type Plain } from '../../testing.ts';
import type { Product } from './operands.ts';
import { recordTile } from './record-tile.ts';
import { TILES, tileCount, unsplit } from './tile-rule.ts';

interface Case {
  M: number;
  N: number;
  K: number;
  ta: boolean;
  tb: boolean;
  outerA?: number[];
  outerB?: number[];
}

const CASES: Case[] = [
  { M: 8, N: 12, K: 16, ta: false, tb: false },
  { M: 8, N: 260, K: 4, ta: false, tb: false },
  { M: 4, N: 12, K: 8, ta: false, tb: true },
  { M: 12, N: 8, K: 20, ta: true, tb: false },
  { M: 1, N: 7, K: 5, ta: false, tb: false },
  { M: 5, N: 66, K: 3, ta: false, tb: true },
  { M: 7, N: 1, K: 9, ta: true, tb: false },
  { M: 3, N: 5, K: 2, ta: true, tb: true },
  { M: 6, N: 5, K: 7, ta: false, tb: true, outerA: [2, 3], outerB: [2, 3] },
  { M: 4, N: 8, K: 4, ta: false, tb: false, outerA: [3], outerB: [3] },
  { M: 4, N: 8, K: 4, ta: true, tb: false, outerA: [3], outerB: [1] },
  { M: 5, N: 2, K: 3, ta: false, tb: false, outerA: [1], outerB: [2] },
];

const shapeA = (c: Case): number[] => [...(c.outerA ?? []), ...(c.ta ? [c.K, c.M] : [c.M, c.K])];
const shapeB = (c: Case): number[] => [...(c.outerB ?? []), ...(c.tb ? [c.N, c.K] : [c.K, c.N])];

const broadcasts = (c: Case): boolean => String(c.outerA) !== String(c.outerB);

function plainProduct(c: Case): Plain {
  const outerA = c.outerA ?? [];
  const outerB = c.outerB ?? [];
  const outer = outerA.map((n, i) => Math.max(n, outerB[i]));
  const batches = tf.util.sizeFromShape(outer);
  const pick = (shape: number[], index: number): number => {
    let at = 0;
    let stride = 1;
    let rest = index;
    for (let i = outer.length - 1; i >= 0; i--) {
      at += (shape[i] === 1 ? 0 : rest % outer[i]) * stride;
      stride *= shape[i];
      rest = Math.floor(rest / outer[i]);
    }
    return at;
  };
  return (a, b) => {
    const out = new Float64Array(batches * c.M * c.N);
    for (let z = 0; z < batches; z++) {
      const a0 = pick(outerA, z) * c.M * c.K;
      const b0 = pick(outerB, z) * c.K * c.N;
      for (let m = 0; m < c.M; m++)
        for (let n = 0; n < c.N; n++)
          for (let k = 0; k < c.K; k++) {
            const x = a[a0 + (c.ta ? k * c.M + m : m * c.K + k)];
            out[(z * c.M + m) * c.N + n] += x * b[b0 + (c.tb ? n * c.K + k : k * c.N + n)];
          }
    }
    return out;
  };
}

for (const c of CASES) {
  const name = `${shapeA(c)}${c.ta ? 'ᵀ' : ''} · ${shapeB(c)}${c.tb ? 'ᵀ' : ''}`;
  onBothBackends(`a product and its gradients hold for ${name}`, () =>
    checkOp((a, b) => tf.matMul(a, b, c.ta, c.tb), plainProduct(c), [
      // tfjs has no gradient for an operand that was broadcast over batches.
      { shape: shapeA(c), grad: !broadcasts(c) },
      { shape: shapeB(c), grad: !broadcasts(c) },
    ]),
  );
}

onHardwareForm('products and their gradients hold', async () => {
  const cases = CASES.filter(c => !broadcasts(c) && !(c.ta && c.tb));
  // SwiftShader takes seconds to compile a tile: one product there, whose gradients need the other two orders.
  for (const c of gpuBackend()!.gpu.name.includes('swiftshader') ? cases.slice(0, 1) : cases)
    await checkOp((a, b) => tf.matMul(a, b, c.ta, c.tb), plainProduct(c), [
      { shape: shapeA(c) },
      { shape: shapeB(c) },
    ]);
});

const SPLIT = { M: 70, N: 68, K: 300, rank: 5 };

/** A product of every part that a tile can have, and what it must give. */
async function withProduct(
  body: (product: Omit<Product, 'out'>, expected: Float64Array) => Promise<void>,
): Promise<void> {
  const { M, N, K, rank } = SPLIT;
  const shapes = [[M, K], [N, K], [M, rank], [N, rank], [N], [M, N]];
  const values = shapes.map((shape, i) => normalArray(i, tf.util.sizeFromShape(shape)));
  const [a, b, low, up, bias, residual] = shapes.map((shape, i) => tf.tensor(values[i], shape));
  const expected = plainProduct({ ...SPLIT, ta: false, tb: true })(
    ...values.slice(0, 2).map(x => Float64Array.from(x)),
  );
  for (let m = 0; m < M; m++)
    for (let n = 0; n < N; n++) {
      for (let j = 0; j < rank; j++)
        expected[m * N + n] += 0.5 * values[2][m * rank + j] * values[3][n * rank + j];
      expected[m * N + n] += values[4][n] + values[5][m * N + n];
    }
  await body(
    {
      ...SPLIT,
      a: { data: [a], along: false },
      b: { data: [b], along: false },
      second: { a: low, b: up, along: false, rank, scaling: 0.5 },
      bias,
      residual,
    },
    expected,
  );
  tf.dispose([a, b, low, up, bias, residual]);
}

onHardwareForm('every tile, and K split over workgroups, give the same product', () =>
  withProduct(async (product, expected) => {
    const gpu = gpuBackend()!;
    // SwiftShader takes seconds to compile a tile: the smallest there, in the form that has whole tiles and parts.
    const slow = gpu.gpu.name.includes('swiftshader');
    for (const tile of slow ? TILES.slice(-1) : TILES) {
      // A fourteenth of 300 is rounded up to 32, of which ten cover K: the others must not be.
      const choices = [
        [1, 14],
        [1, 2],
        ...(slow
          ? []
          : [
              [tileCount(tile, SPLIT), 1],
              [0, 3],
              [0, 14],
            ]),
      ];
      for (const [whole, splits] of choices) {
        const out = gpu.tensor([SPLIT.M, SPLIT.N]);
        recordTile(gpu, { ...product, out }, { tile, whole, splits });
        expectClose(await readTensor(out), expected, 1e-4, `${tile}, the first ${whole} whole, in ${splits}`);
        out.dispose();
      }
    }
    // All tiles in parts, of a product alone.
    const { a, b } = product;
    const out = gpu.tensor([SPLIT.M, SPLIT.N]);
    recordTile(gpu, { ...SPLIT, a, b, out }, { tile: TILES[3], whole: 0, splits: 3 });
    recordTile(gpu, { ...SPLIT, a, b, out, add: true }, { tile: TILES[3], whole: 0, splits: 14 });
    const whole = gpu.tensor([SPLIT.M, SPLIT.N]);
    recordTile(gpu, { ...SPLIT, a, b, out: whole }, unsplit(TILES[3], SPLIT));
    const twice = Float64Array.from(await readTensor(whole), x => 2 * x);
    expectClose(await readTensor(out), twice, 1e-4, 'all in parts, and once more on top');
    tf.dispose([out, whole]);
  }),
);

onHardwareForm('whichever tile is taken, a product has the same bits', () =>
  withProduct(async ({ a, b }) => {
    const gpu = gpuBackend()!;
    const results: (Float32Array | Int32Array)[] = [];
    for (const tile of gpu.gpu.name.includes('swiftshader') ? [TILES[0], TILES[3]] : TILES) {
      const out = gpu.tensor([SPLIT.M, SPLIT.N]);
      recordTile(gpu, { ...SPLIT, a, b, out }, unsplit(tile, SPLIT));
      results.push(await readTensor(out));
      out.dispose();
    }
    for (const result of results) expect(result).toEqual(results[0]);
  }),
);

test('the override is what tf.matMul runs on webgpu', async () => {
  await startBackend('webgpu');
  const backend = gpuBackend()!;
  const keys: string[] = [];
  const dispatch = backend.dispatch.bind(backend);
  backend.dispatch = (key, ...rest) => {
    keys.push(key);
    dispatch(key, ...rest);
  };
  tf.tidy(() => tf.matMul(tf.ones([4, 4]), tf.ones([4, 4])));
  backend.dispatch = dispatch;
  expect(keys.some(key => /^(quad|tile)-/.test(key))).toBe(true);
});
