import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { gpuBackend } from '../../backend.ts';
import { readTensor } from '../../read.ts';
import { startBackend } from '../../start.ts';
import { checkOp, expectClose, onBothBackends, type Plain } from '../../testing.ts';
import { sharedTile } from './kernel.wgsl.ts';
import { normalArray } from '../../random.ts';

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

test('the tiles for real GPUs give the same products as those for software adapters', async () => {
  await startBackend('webgpu');
  const backend = gpuBackend()!;
  for (const [i, c] of CASES.filter(c => !(c.ta && c.tb) && !c.outerA).entries()) {
    // SwiftShader takes seconds to compile the larger tiles; the same source makes them.
    for (const tile of i < 2 ? [32, 64] : [32]) {
      const a = tf.tensor(normalArray(i, c.M * c.K), shapeA(c));
      const b = tf.tensor(normalArray(i + 99, c.K * c.N), shapeB(c));
      const out = backend.tensor([c.M, c.N]);
      const variant = { transposeA: c.ta, transposeB: c.tb, vec4: false };
      const params = new Uint32Array([c.M, c.N, c.K, 0, 0, 0]);
      const groups: [number, number, number] = [Math.ceil(c.N / tile), Math.ceil(c.M / tile), 1];
      const key = `test-${tile}-${c.ta}-${c.tb}`;
      backend.dispatch(key, sharedTile(variant, tile), [a, b, out], params, groups);
      const plain = plainProduct(c);
      const values = [
        Float64Array.from(normalArray(i, c.M * c.K)),
        Float64Array.from(normalArray(i + 99, c.K * c.N)),
      ];
      expectClose(await readTensor(out), plain(...values), 1e-5, `${tile}: ${shapeA(c)} ${shapeB(c)}`);
      tf.dispose([a, b, out]);
    }
  }
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
  expect(keys.some(key => key.startsWith('matmul-'))).toBe(true);
});
