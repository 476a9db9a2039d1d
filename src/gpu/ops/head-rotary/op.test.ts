import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { checkOp, expectClose, onBackend, type Arg, type Plain } from '../../testing.ts';
import { TokenSequences } from '../token-sequences.ts';
import { headRotary } from './op.ts';
import { headRotaryReference } from './reference.ts';

const EPS = 1e-5;

/** A prompt of 4, completions of 3, 0 and 1 that continue it, a sequence of 2. */
const RAGGED = new TokenSequences([
  { first: 0, length: 4 },
  { first: 4, length: 3, continues: 0 },
  { first: 7, length: 0, continues: 0 },
  { first: 7, length: 1, continues: 0 },
  { first: 8, length: 2 },
]);

const POSITIONS = [0, 1, 2, 3, 4, 5, 6, 4, 0, 1];

/** Without `gain` heads are only rotated. */
function plainHeads(
  x: Float64Array,
  gain: Float64Array | null,
  cos: Float64Array,
  sin: Float64Array,
  d: number,
): Float64Array {
  const heads = x.length / d / POSITIONS.length;
  const y = new Float64Array(x.length);
  for (let head = 0; head < x.length / d; head++) {
    const values = x.slice(head * d, (head + 1) * d);
    const scale = 1 / Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / d + EPS);
    const normed = gain ? values.map((value, c) => value * scale * gain[c]) : values;
    const angle = POSITIONS[Math.floor(head / heads)] * d;
    for (let c = 0; c < d; c++) {
      const partner = c < d / 2 ? -normed[c + d / 2] : normed[c - d / 2];
      y[head * d + c] = normed[c] * cos[angle + c] + partner * sin[angle + c];
    }
  }
  return y;
}

for (const d of [6, 16, 32, 64, 128])
  onBackend('webgpu', `heads of ${d} are normalised and rotated, and the gradients hold`, async () => {
    const rows: Arg = { shape: [RAGGED.rows, 3 * d] };
    // More positions than any row stands at.
    const table: Arg = { shape: [9, d], grad: false };
    const angles = (cos: tf.Tensor, sin: tf.Tensor): { cos: tf.Tensor2D; sin: tf.Tensor2D } => ({
      cos: cos as tf.Tensor2D,
      sin: sin as tf.Tensor2D,
    });
    const normed = (x: tf.Tensor, gain: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor =>
      headRotary(x as tf.Tensor2D, {
        ...angles(cos, sin),
        sequences: RAGGED,
        norm: { gain: gain as tf.Tensor1D, eps: EPS },
      });
    const plainNormed: Plain = (x, gain, cos, sin) => plainHeads(x, gain, cos, sin, d);
    await checkOp(normed, plainNormed, [rows, { shape: [d] }, table, table]);
    const turned = (x: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor =>
      headRotary(x as tf.Tensor2D, { ...angles(cos, sin), sequences: RAGGED });
    await checkOp(turned, (x, cos, sin) => plainHeads(x, null, cos, sin, d), [rows, table, table]);
  });

onBackend('webgpu', 'one pass gives what stock tfjs ops give one after the other', async () => {
  const [batch, length, heads, d] = [2, 40, 2, 8];
  const x = tf.tensor2d(normalArray(1, batch * length * heads * d), [batch * length, heads * d]);
  const gain = tf.tensor1d(normalArray(2, d));
  const [cos, sin] = [3, 4].map(key => tf.tensor2d(normalArray(key, length * d), [length, d]));
  const sequences = TokenSequences.padded(batch, length);
  const fused = (x: tf.Tensor, gain: tf.Tensor): tf.Tensor =>
    headRotary(x as tf.Tensor2D, { cos, sin, sequences, norm: { gain: gain as tf.Tensor1D, eps: EPS } });
  const composed = (x: tf.Tensor, gain: tf.Tensor): tf.Tensor =>
    headRotaryReference(
      x as tf.Tensor2D,
      { cos, sin, norm: { gain: gain as tf.Tensor1D, eps: EPS } },
      { batch, length },
    );
  const [got, expected] = [fused, composed].map(f =>
    tf.grads((x, gain) => tf.tidy(() => f(x, gain)))([x, gain], x),
  );
  for (const i of [0, 1]) expectClose(await readTensor(got[i]), await readTensor(expected[i]), 2e-5);
  tf.dispose([x, gain, cos, sin, got, expected]);
});

onBackend('webgpu', 'sizes that do not fit are refused', async () => {
  const x = tf.zeros<tf.Rank.R2>([10, 12]);
  const table = (positions: number, d: number): tf.Tensor2D => tf.zeros([positions, d]);
  const [short, odd] = [table(6, 4), table(9, 3)];
  expect(() => headRotary(x, { cos: short, sin: short, sequences: RAGGED })).toThrow(RangeError);
  expect(() => headRotary(x, { cos: odd, sin: odd, sequences: RAGGED })).toThrow(RangeError);
  tf.dispose([x, short, odd]);
});
