import type * as tf from '@tensorflow/tfjs-core';
import { checkOp, onBothBackends, type Plain } from '../../testing.ts';
import { shortConv } from './op.ts';

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
