import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { checkOp, expectClose, onBothBackends, onHardwareForm } from '../../testing.ts';
import { swiglu } from './op.ts';
import { swigluReference } from './reference.ts';

for (const shape of [[7, 9], [5, 12], [3]]) {
  onBothBackends(`silu(a) ⊙ b and its gradients hold on [${shape}], far from zero too`, () =>
    checkOp(swiglu, (a, b) => a.map((value, i) => (value / (1 + Math.exp(-value))) * b[i]), [
      { shape, scale: 6 },
      { shape },
    ]),
  );
}

for (const shape of [
  [9, 8],
  [9, 7],
]) {
  onHardwareForm(`on [${shape}] it agrees with the ops that it stands for, gradients included`, async () => {
    const [a, b, dy] = [1, 2, 3].map(seed => tf.tensor(normalArray(seed, shape[0] * shape[1]), shape));
    const of = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): tf.Tensor[] => [
      f(a, b),
      ...tf.grads((x, y) => f(x, y))([a, b], dy),
    ];
    const [got, expected] = [of(swiglu), of(swigluReference)];
    for (const [i, what] of ['value', 'da', 'db'].entries()) {
      expectClose(await readTensor(got[i]), await readTensor(expected[i]), 1e-6, what);
    }
    tf.dispose([a, b, dy, got, expected]);
  });
}

onBothBackends('shapes that differ are refused', async () => {
  const [a, b] = [tf.zeros([4]), tf.zeros([2, 2])];
  expect(() => swiglu(a, b)).toThrow(RangeError);
  tf.dispose([a, b]);
});
