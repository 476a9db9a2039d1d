import type * as tf from '@tensorflow/tfjs-core';
import { checkOp, onBothBackends, onHardwareForm, type Plain } from '../../testing.ts';
import { layerNorm } from './op.ts';

const EPS = 1e-6;

const plain: Plain = (x, w, b) =>
  x.map((value, i) => {
    const start = i - (i % w.length);
    const row = x.subarray(start, start + w.length);
    const mean = row.reduce((sum, y) => sum + y, 0) / w.length;
    const variance = row.reduce((sum, y) => sum + (y - mean) ** 2, 0) / w.length;
    return ((value - mean) / Math.sqrt(variance + EPS)) * w[i % w.length] + b[i % w.length];
  });

for (const shape of [
  [5, 7],
  [3, 2, 128],
  [2, 3, 4, 65],
]) {
  onBothBackends(`LayerNorm of [${shape}] and its gradients hold`, () => check(shape));
}

onHardwareForm('LayerNorm by a workgroup a row and its gradients hold', () => check([70, 65]));

function check(shape: number[]): Promise<void> {
  const width = [shape.at(-1)!];
  return checkOp(op, plain, [{ shape }, { shape: width }, { shape: width }]);
}

function op(x: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return layerNorm(x, w as tf.Tensor1D, b as tf.Tensor1D, EPS);
}
