import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { checkpoint } from '../../checkpoint.ts';
import { hashKey } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { startBackend } from '../../start.ts';
import { checkOp, onBothBackends } from '../../testing.ts';
import { dropout } from './op.ts';
import { dropoutReference } from './reference.ts';

const KEY = hashKey('dropout-test');

onBothBackends('what dropout keeps is scaled, and the gradient meets the same mask', () =>
  checkOp(
    x => dropout(x, 0.3, KEY),
    x => {
      const ones = new Float32Array(x.length);
      dropoutReference(ones, new Float32Array(x.length).fill(1), 0.3, KEY);
      return x.map((value, i) => (ones[i] === 0 ? 0 : value / 0.7));
    },
    [{ shape: [11, 13] }],
  ),
);

onBothBackends('the share that is dropped is the rate, and other keys drop other places', async () => {
  const x = tf.ones([100, 200]);
  const zeros = async (rate: number, key: number): Promise<boolean[]> => {
    const y = dropout(x, rate, key);
    const dropped = Array.from(await readTensor(y), value => value === 0);
    y.dispose();
    return dropped;
  };
  for (const rate of [0, 0.1, 0.75]) {
    const share = (await zeros(rate, KEY)).filter(Boolean).length / x.size;
    // Four standard errors of 20,000 draws are at most 0.0125.
    expect(Math.abs(share - rate)).toBeLessThanOrEqual(rate === 0 ? 0 : 0.0125);
  }
  const [one, other] = [await zeros(0.5, KEY), await zeros(0.5, KEY + 1)];
  const same = one.filter((dropped, i) => dropped === other[i]).length / x.size;
  expect(Math.abs(same - 0.5)).toBeLessThan(0.015);
  x.dispose();
});

onBothBackends('a block that is computed again for its gradient drops the same places', async () => {
  const block = (x: tf.Tensor) => tf.square(dropout(x, 0.5, KEY));
  const x = tf.range(1, 65);
  const [plain] = tf.grads(block)([x]);
  const [recomputed] = tf.grads(checkpoint(block))([x]);
  expect(Array.from(await readTensor(recomputed))).toEqual(Array.from(await readTensor(plain)));
  tf.dispose([x, plain, recomputed]);
});

test('wasm and webgpu drop the same places', async () => {
  const masks: number[][] = [];
  for (const backend of ['wasm', 'webgpu'] as const) {
    await startBackend(backend);
    const [x, y] = [tf.ones([999]), dropout(tf.ones([999]), 0.5, KEY)];
    masks.push(Array.from(await readTensor(y)));
    tf.dispose([x, y]);
  }
  expect(masks[0]).toEqual(masks[1]);
});
