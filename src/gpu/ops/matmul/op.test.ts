import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { gpuBackend } from '../../backend.ts';
import { readTensor } from '../../read.ts';
import { startBackend } from '../../start.ts';
import { normalArray } from '../../random.ts';
import { checkOp, expectClose, onBothBackends, onHardwareForm, type Plain } from '../../testing.ts';
import { recordTile, TILES } from './record-tile.ts';

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

onHardwareForm('every tile, and K split over workgroups, give the same product', async () => {
  const gpu = gpuBackend()!;
  const c = { M: 70, N: 68, K: 300, ta: false, tb: true };
  const values = [normalArray(1, c.M * c.K), normalArray(2, c.K * c.N)];
  const [a, b] = [tf.tensor2d(values[0], [c.M, c.K]), tf.tensor2d(values[1], [c.N, c.K])];
  const expected = plainProduct(c)(...values.map(x => Float64Array.from(x)));
  // SwiftShader takes seconds to compile the larger tiles, which the same source makes.
  const tiles = gpu.gpu.name.includes('swiftshader') ? TILES.slice(-1) : TILES;
  for (const tile of tiles)
    // A fourteenth of 300 is rounded up to 32, of which ten cover K: the others must not be.
    for (const splits of [1, 3, 14]) {
      const out = gpu.tensor([c.M, c.N]);
      const operands = { a: { data: [a], along: false }, b: { data: [b], along: false } };
      recordTile(gpu, { ...c, ...operands, out }, { tile, splits });
      expectClose(await readTensor(out), expected, 1e-4, `${tile} in ${splits}`);
      out.dispose();
    }
  tf.dispose([a, b]);
});

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
  expect(keys.some(key => /^(matmul|tile)-/.test(key))).toBe(true);
});
