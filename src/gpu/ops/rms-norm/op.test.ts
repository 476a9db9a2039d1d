import type * as tf from '@tensorflow/tfjs-core';
import { checkOp, onBothBackends, type Plain } from '../../testing.ts';
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
