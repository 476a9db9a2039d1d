import * as tf from '@tensorflow/tfjs-core';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { checkOp, expectClose, onBothBackends, type Plain } from '../../testing.ts';
import { shortConv } from './op.ts';
import { shortConvReference } from './reference.ts';

function plainConv(T: number, D: number, L: number): Plain {
  return (u, kernel) =>
    u.map((_, i) => {
      const d = i % D;
      const t = Math.floor(i / D) % T;
      let sum = 0;
      for (let l = 0; l < L; l++) if (t - (L - 1) + l >= 0) sum += kernel[d * L + l] * u[i + (l - L + 1) * D];
      return sum;
    });
}

for (const [B, T, D, L] of [
  [2, 6, 5, 3],
  [1, 3, 8, 5],
  [3, 7, 130, 1],
  [2, 1, 3, 4],
]) {
  onBothBackends(`a causal convolution of [${[B, T, D]}] with ${L} taps and its gradients hold`, () =>
    checkOp((u, k) => shortConv(u as tf.Tensor3D, k as tf.Tensor2D), plainConv(T, D, L), [
      { shape: [B, T, D] },
      { shape: [D, L] },
    ]),
  );
}

onBothBackends('the kernel agrees with stock tfjs ops', async () => {
  const u = tf.tensor3d(normalArray(1, 2 * 9 * 6), [2, 9, 6]);
  const kernel = tf.tensor2d(normalArray(2, 6 * 3), [6, 3]);
  const [got, expected] = [shortConv(u, kernel), tf.tidy(() => shortConvReference(u, kernel))];
  expectClose(await readTensor(got), await readTensor(expected), 1e-6);
  tf.dispose([u, kernel, got, expected]);
});
