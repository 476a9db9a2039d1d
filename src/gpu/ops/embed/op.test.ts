import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { PackedWeight, WEIGHT_FORMATS } from '../../packed/index.ts';
import { hashKey, normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { checkOp, expectClose, onBothBackends } from '../../testing.ts';
import { embed, embedPacked } from './op.ts';
import { embedReference } from './reference.ts';

onBothBackends('rows are looked up, and repeated ids add up in the gradient', () => {
  const ids = [3, 0, 3, 3, 5, 0, 6];
  const width = 5;
  return checkOp(
    (table, i) => embed(table as tf.Tensor2D, i as tf.Tensor1D),
    table => Float64Array.from(ids.flatMap(id => [...table.subarray(id * width, (id + 1) * width)])),
    [{ shape: [7, width] }, { shape: [ids.length], values: ids, dtype: 'int32' }],
  );
});

onBothBackends('the gradient has the same bits every time', async () => {
  const ids = tf.tensor1d(
    Int32Array.from({ length: 300 }, (_, i) => hashKey(i) % 9),
    'int32',
  );
  const table = tf.tensor2d(normalArray(1, 9 * 33), [9, 33]);
  const dy = tf.tensor2d(normalArray(2, 300 * 33), [300, 33]);
  const once = async (): Promise<Float32Array> => {
    const grad = tf.grad(x => embed(x as tf.Tensor2D, ids))(table, dy);
    const values = (await readTensor(grad)) as Float32Array;
    grad.dispose();
    return values;
  };
  expect(await once()).toEqual(await once());
  tf.dispose([ids, table, dy]);
});

onBothBackends('the kernel agrees with stock tfjs ops', async () => {
  const table = tf.tensor2d(normalArray(1, 6 * 70), [6, 70]);
  const ids = tf.tensor1d([5, 0, 5, 2], 'int32');
  const [got, expected] = [embed(table, ids), embedReference(table, ids)];
  expect(await readTensor(got)).toEqual(await readTensor(expected));
  tf.dispose([table, ids, got, expected]);
});

onBothBackends('rows of a packed table are its rounded rows', async () => {
  const [V, D] = [9, 37];
  const values = normalArray(5, V * D);
  for (const format of WEIGHT_FORMATS) {
    const table = PackedWeight.pack(values, V, D, format);
    const ids = tf.tensor1d([8, 0, 3, 3], 'int32');
    const rows = embedPacked(table, ids);
    const stored = table.floats();
    const known = await readTensor(stored);
    stored.dispose();
    const expected = [8, 0, 3, 3].flatMap(id => [...known.subarray(id * D, (id + 1) * D)]);
    expectClose(await readTensor(rows), expected, 0, format);
    tf.dispose([ids, rows]);
    table.dispose();
  }
});
