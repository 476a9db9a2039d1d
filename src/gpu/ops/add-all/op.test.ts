import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { onBothBackends } from '../../testing.ts';
import { addAll } from './op.ts';

onBothBackends(
  'every pair is summed, whatever its size, and what shares a sum keeps its values',
  async () => {
    const shapes = [[3, 5], [1], [70, 9], [8], [2, 2], [129], [640]];
    const values = shapes.map((shape, i) =>
      [2 * i, 2 * i + 1].map(seed => normalArray(seed, tf.util.sizeFromShape(shape))),
    );
    const pairs = shapes.map((shape, i) => {
      const [sum, addend] = values[i].map(numbers => tf.tensor(numbers, shape));
      return [sum, addend] as const;
    });
    const shared = pairs[2][0].clone();
    const sums = addAll(pairs);
    expect(sums.map(({ shape }) => shape)).toEqual(shapes);
    for (const [i, sum] of sums.entries()) {
      const [a, b] = values[i];
      expect(await readTensor(sum)).toEqual(a.map((value, at) => Math.fround(value + b[at])));
    }
    expect(await readTensor(shared)).toEqual(values[2][0]);
    // A second time, onto what was read.
    const again = addAll(sums.map((sum, i) => [sum, tf.tensor(values[i][1], shapes[i])] as const));
    const [a, b] = values[0];
    expect(await readTensor(again[0])).toEqual(
      a.map((value, at) => Math.fround(Math.fround(value + b[at]) + b[at])),
    );
    tf.dispose([again, shared]);
  },
);

onBothBackends('shapes that differ are refused', async () => {
  const [a, b] = [tf.zeros([4]), tf.zeros([2, 2])];
  expect(() => addAll([[a, b]])).toThrow(RangeError);
  tf.dispose([a, b]);
});
