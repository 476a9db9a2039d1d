import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { checkOp, onBothBackends } from '../testing.ts';
import { readTensor } from '../read.ts';

const shape = [2, 3, 4];
const at = (i: number, j: number, k: number): number => (i * 3 + j) * 4 + k;

onBothBackends('transposes of every order, and their gradients, hold', async () => {
  for (const perm of [
    [0, 2, 1],
    [1, 0, 2],
    [2, 1, 0],
    [1, 2, 0],
  ]) {
    const sizes = perm.map(axis => shape[axis]);
    await checkOp(
      x => tf.transpose(x, perm),
      x => {
        const out: number[] = [];
        for (let a = 0; a < sizes[0]; a++)
          for (let b = 0; b < sizes[1]; b++)
            for (let c = 0; c < sizes[2]; c++) {
              const index = [0, 0, 0];
              [a, b, c].forEach((n, axis) => (index[perm[axis]] = n));
              out.push(x[at(index[0], index[1], index[2])]);
            }
        return Float64Array.from(out);
      },
      [{ shape }],
    );
  }
});

onBothBackends('large integers survive a transpose', async () => {
  const x = tf.tensor2d([0x7fffffff, 1, -0x7ffffff1, 0x1000001], [2, 2], 'int32');
  const y = tf.transpose(x);
  expect([...(await readTensor(y))]).toEqual([0x7fffffff, -0x7ffffff1, 1, 0x1000001]);
  tf.dispose([x, y]);
});

const OPS = { sum: tf.sum, mean: tf.mean, max: tf.max };

const FOLDS = {
  sum: (values: number[]) => values.reduce((a, b) => a + b),
  mean: (values: number[]) => values.reduce((a, b) => a + b) / values.length,
  max: (values: number[]) => Math.max(...values),
};

onBothBackends('sums, means and maxima over any axes, and their gradients, hold', async () => {
  for (const [name, fold] of Object.entries(FOLDS) as [keyof typeof FOLDS, (values: number[]) => number][]) {
    for (const axes of [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]]) {
      await checkOp(
        x => OPS[name](x, axes, axes.length === 1),
        x => {
          const groups = new Map<string, number[]>();
          for (let i = 0; i < 2; i++)
            for (let j = 0; j < 3; j++)
              for (let k = 0; k < 4; k++) {
                const kept = [i, j, k].filter((_, axis) => !axes.includes(axis)).join();
                groups.set(kept, [...(groups.get(kept) ?? []), x[at(i, j, k)]]);
              }
          return Float64Array.from([...groups.values()].map(fold));
        },
        [{ shape }],
      );
    }
  }
});
