import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { gpuBackend } from '../../backend.ts';
import { params } from '../../fused.ts';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { startBackend } from '../../start.ts';
import { checkOp, expectClose, onBothBackends, type Plain } from '../../testing.ts';
import type { Lanes } from '../rows.wgsl.ts';
import { forwardWgsl, gradXWgsl } from './kernel.wgsl.ts';
import { rmsNormReference } from './reference.ts';
import { rmsNorm } from './op.ts';

const EPS = 1e-5;

const plain: Plain = (x, w) =>
  x.map((value, i) => {
    const start = i - (i % w.length);
    const row = x.subarray(start, start + w.length);
    const mean = row.reduce((sum, y) => sum + y * y, 0) / w.length;
    return (value / Math.sqrt(mean + EPS)) * w[i % w.length];
  });

for (const shape of [
  [5, 7],
  [3, 2, 128],
  [1, 1],
  [2, 3, 4, 65],
  [70, 12],
]) {
  onBothBackends(`RMSNorm of [${shape}] and its gradients hold`, () =>
    checkOp((x, w) => rmsNorm(x, w as tf.Tensor1D, EPS), plain, [{ shape }, { shape: [shape.at(-1)!] }]),
  );
}

test('a workgroup a row gives what a thread a row gives', async () => {
  await startBackend('webgpu');
  const gpu = gpuBackend()!;
  const [rows, D] = [3, 70];
  const [x, w, dy] = [normalArray(1, rows * D), normalArray(2, D), normalArray(3, rows * D)];
  const more = normalArray(4, rows * D);
  const numbers = params(rows, D, { f32: EPS });
  for (const [name, code, inputs] of [
    ['forward', forwardWgsl, [x, w]],
    ['dx', (width: number, lanes: Lanes) => gradXWgsl(width, lanes, false), [x, w, dy]],
    ['dx-more', (width: number, lanes: Lanes) => gradXWgsl(width, lanes, true), [x, w, dy, more]],
  ] as const) {
    const [wide, narrow] = [gpu.tensor([rows, D]), gpu.tensor([rows, D])];
    gpu.dispatch(`test-${name}-16`, code(16, 1), [...inputs, wide], numbers, [rows, 1, 1]);
    gpu.dispatch(`test-${name}-1`, code(1, 1), [...inputs, narrow], numbers, [1, 1, 1]);
    expectClose(await readTensor(wide), await readTensor(narrow), 1e-6, name);
    tf.dispose([wide, narrow]);
  }
});

onBothBackends('the kernel agrees with stock tfjs ops', async () => {
  const x = tf.tensor(normalArray(1, 30 * 24), [30, 24]);
  const w = tf.tensor1d(normalArray(2, 24));
  const [got, expected] = [rmsNorm(x, w, EPS), tf.tidy(() => rmsNormReference(x, w, EPS))];
  expectClose(await readTensor(got), await readTensor(expected), 1e-5);
  tf.dispose([x, w, got, expected]);
});
