import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { checkpoint } from '../checkpoint.ts';
import { readTensor } from '../read.ts';
import { onBothBackends } from '../testing.ts';

/** Most tensors with data of their own while `f` runs, beyond those before. */
function peakOf(f: () => tf.Tensor): { peak: number; result: tf.Tensor } {
  const engine = tf.engine() as unknown as { runKernelFunc(o: unknown): unknown };
  const own = engine.runKernelFunc;
  const before = tf.memory().numDataBuffers;
  let peak = 0;
  engine.runKernelFunc = function (o) {
    const out = own.call(this, o);
    peak = Math.max(peak, tf.memory().numDataBuffers - before);
    return out;
  };
  try {
    return { result: f(), peak };
  } finally {
    engine.runKernelFunc = own;
  }
}

onBothBackends('a backward pass takes little beyond what the forward pass kept', async () => {
  const layers = 40;
  const x = tf.fill([7], 0.5);
  const chain = (input: tf.Tensor): tf.Tensor => {
    let y = input;
    for (let i = 0; i < layers; i++) y = tf.sin(y);
    return tf.sum(y);
  };
  const { peak, result } = peakOf(() => tf.grad(chain)(x));
  // Each layer's input is kept; the gradient under way needs a few more, where it used to need two more a layer.
  expect(peak).toBeLessThan(layers + 12);
  let [value, slope] = [0.5, 1];
  for (let i = 0; i < layers; i++) [value, slope] = [Math.sin(value), slope * Math.cos(value)];
  expect((await readTensor(result))[0]).toBeCloseTo(slope, 3);
  tf.dispose([x, result]);
});

onBothBackends(
  'what is used twice, passed on, asked for on the way or given keeps its gradient',
  async () => {
    const [x, w] = [tf.tensor1d([1, 2, 3]), tf.tensor1d([2, -1, 0.5])];
    const passes = tf.customGrad((a, b) => ({
      value: tf.add(a as tf.Tensor, b as tf.Tensor),
      // One tensor for both, and the very one that came.
      gradFunc: dy => [dy, dy],
    }));
    const f = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => {
      const c = tf.mul(a, b);
      const d = passes(c, tf.square(c));
      return tf.add(tf.mul(d, a), tf.add(c, b));
    };
    const dy = tf.tensor1d([1, 10, 100]);
    const [da, db] = tf.grads(f)([x, w], dy);
    const [a, b, g, ga, gb] = await Promise.all([x, w, dy, da, db].map(tensor => readTensor(tensor)));
    // y = (ab + a²b²)a + ab + b
    a.forEach((_, i) => {
      expect(ga[i]).toBeCloseTo(g[i] * (2 * a[i] * b[i] + 3 * a[i] ** 2 * b[i] ** 2 + b[i]), 3);
      expect(gb[i]).toBeCloseTo(g[i] * (a[i] ** 2 + 2 * a[i] ** 3 * b[i] + a[i] + 1), 3);
    });
    expect([...g]).toEqual([1, 10, 100]);
    tf.dispose([x, w, dy, da, db]);
  },
);

onBothBackends('gradients of gradients, and of checkpointed blocks, are what they were', async () => {
  const x = tf.tensor1d([0.3, -0.7]);
  const cube = (a: tf.Tensor): tf.Tensor => tf.sum(tf.mul(a, tf.square(a)));
  const second = tf.grad(a => tf.sum(tf.grad(cube)(a)))(x);
  const values = [0.3, -0.7].map(v => expect.closeTo(6 * v, 5));
  expect([...(await readTensor(second))]).toEqual(values);
  const block = checkpoint(a => tf.mul(tf.sin(a), tf.cos(a)));
  const doubled = tf.grad(a => tf.sum(tf.add(block(block(a)), a)))(x);
  const plain = tf.grad(a => {
    const half = (b: tf.Tensor): tf.Tensor => tf.mul(tf.sin(b), tf.cos(b));
    return tf.sum(tf.add(half(half(a)), a));
  })(x);
  expect([...(await readTensor(doubled))]).toEqual([...(await readTensor(plain))]);
  tf.dispose([x, second, doubled, plain]);
});
