import * as tf from '@tensorflow/tfjs-core';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { checkOp, expectClose, onBothBackends, type Plain } from '../../testing.ts';
import { rotary } from './op.ts';
import { rotaryReference } from './reference.ts';

/** `row` tells which row of cos and sin a row of x takes. */
function plainRotary(d: number, row: (xRow: number) => number): Plain {
  return (x, cos, sin) =>
    x.map((value, i) => {
      const at = i % d;
      const partner = at < d / 2 ? -x[i + d / 2] : x[i - d / 2];
      const angle = row(Math.floor(i / d)) * d + at;
      return value * cos[angle] + partner * sin[angle];
    });
}

const op = (x: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor => rotary(x as tf.Tensor4D, cos, sin);

onBothBackends('rotary embedding and its gradient hold for shared positions', () => {
  const [B, H, T, d] = [2, 3, 5, 6];
  const table = { shape: [T, d], grad: false };
  return checkOp(
    op,
    plainRotary(d, row => row % T),
    [{ shape: [B, H, T, d] }, table, table],
  );
});

onBothBackends('rotary embedding and its gradient hold for positions of each sequence', () => {
  const [B, H, T, d] = [3, 2, 4, 8];
  const table = { shape: [B, 1, T, d], grad: false };
  const row = (r: number): number => Math.floor(r / (H * T)) * T + (r % T);
  return checkOp(op, plainRotary(d, row), [{ shape: [B, H, T, d] }, table, table]);
});

onBothBackends('rotary embedding holds for one position of each sequence', () => {
  const [B, H, d] = [3, 2, 10];
  const table = { shape: [B, 1, 1, d], grad: false };
  return checkOp(
    op,
    plainRotary(d, row => Math.floor(row / H)),
    [{ shape: [B, H, 1, d] }, table, table],
  );
});

onBothBackends(
  'the kernel agrees with stock tfjs ops, which also take angles that differ by head',
  async () => {
    const x = tf.tensor4d(normalArray(1, 2 * 3 * 4 * 6), [2, 3, 4, 6]);
    const table = tf.tensor2d(normalArray(2, 4 * 6), [4, 6]);
    const [got, expected] = [rotary(x, table, table), tf.tidy(() => rotaryReference(x, table, table))];
    expectClose(await readTensor(got), await readTensor(expected), 1e-6);
    const byHead = tf.tidy(() => tf.tile(tf.reshape(table, [1, 1, 4, 6]), [1, 3, 1, 1]));
    const same = rotary(x, byHead, byHead);
    expectClose(await readTensor(same), await readTensor(expected), 1e-6);
    tf.dispose([x, table, got, expected, byHead, same]);
  },
);
