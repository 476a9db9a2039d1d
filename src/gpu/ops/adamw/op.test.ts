import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { expectClose, onBothBackends } from '../../testing.ts';
import { clipGradients } from './clip.ts';
import { adamWStep } from './op.ts';
import { adamWReference } from './reference.ts';

const OPTIONS = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0.1,
  gradScale: 0.5,
};

/** torch.optim.AdamW's arithmetic, in float64. */
function plainAdamW(w: Float64Array, grads: Float32Array[]): Float64Array {
  const m = new Float64Array(w.length);
  const v = new Float64Array(w.length);
  const out = w.slice();
  grads.forEach((grad, step) => {
    for (let i = 0; i < w.length; i++) {
      const g = grad[i] * OPTIONS.gradScale;
      out[i] *= 1 - OPTIONS.learningRate * OPTIONS.weightDecay;
      m[i] = OPTIONS.beta1 * m[i] + (1 - OPTIONS.beta1) * g;
      v[i] = OPTIONS.beta2 * v[i] + (1 - OPTIONS.beta2) * g * g;
      const size = OPTIONS.learningRate / (1 - OPTIONS.beta1 ** (step + 1));
      out[i] -= (size * m[i]) / (Math.sqrt(v[i] / (1 - OPTIONS.beta2 ** (step + 1))) + OPTIONS.epsilon);
    }
  });
  return out;
}

for (const shape of [[3, 7], [257], [4, 4, 5]]) {
  onBothBackends(
    `five AdamW steps of a [${shape}] tensor give torch's weights, also where they were read before`,
    async () => {
      const size = tf.util.sizeFromShape(shape);
      const start = normalArray(1, size);
      const grads = Array.from({ length: 5 }, (_, i) => normalArray(10 + i, size));
      const w = tf.tidy(() => tf.variable(tf.tensor(start, shape)));
      const [m, v] = tf.tidy(() => [tf.variable(tf.zeros(shape)), tf.variable(tf.zeros(shape))]);
      for (const [i, values] of grads.entries()) {
        const grad = tf.tensor(values, shape);
        adamWStep(w, grad, m, v, { ...OPTIONS, step: i + 1 });
        grad.dispose();
        // tfjs caches what was read; an in-place update must drop that copy.
        await w.data();
      }
      expectClose(await readTensor(w), plainAdamW(Float64Array.from(start), grads), 1e-6);
      tf.dispose([w, m, v]);
    },
  );
}

async function normOf(grads: tf.Tensor[]): Promise<number> {
  const clip = clipGradients(grads, 0);
  const { norm } = await clip.read();
  clip.dispose();
  return norm;
}

/** What one step makes of weights of 1 and a gradient, and of the moments. */
async function clippedStep(
  grad: tf.Tensor,
  maxNorm: number,
  others: tf.Tensor[] = [],
): Promise<Float32Array[]> {
  const state = tf.tidy(() => [1, 0, 0].map(x => tf.variable(tf.fill(grad.shape, x))));
  const clip = clipGradients([grad], maxNorm, others);
  // Adam's first step hides the gradient's size behind an epsilon that is small against it.
  adamWStep(state[0], grad, state[1], state[2], { ...OPTIONS, epsilon: 1, step: 1, gradScale: 1, clip });
  const values = await Promise.all(state.map(async x => (await readTensor(x)) as Float32Array));
  clip.dispose();
  tf.dispose(state);
  return values;
}

onBothBackends('a gradient is scaled down to the norm, as torch does it, and never up', async () => {
  const grad = tf.tensor1d([3, 4]);
  for (const [maxNorm, factor] of [
    [1, 1 / (5 + 1e-6)],
    [2.5, 2.5 / (5 + 1e-6)],
    [10, 1],
    [0, 1],
  ]) {
    const by = tf.tensor1d([3 * factor, 4 * factor]);
    const [clipped, scaled] = [await clippedStep(grad, maxNorm), await clippedStep(by, 0)];
    for (const i of [0, 1, 2]) expectClose(clipped[i], scaled[i], 1e-6);
    by.dispose();
  }
  grad.dispose();
});

onBothBackends('a step whose gradient or loss is not finite changes nothing', async () => {
  const [grad, fine] = [tf.tensor1d([3, 4]), tf.scalar(2)];
  const still = [1, 0, 0].map(x => Float32Array.of(x, x));
  expect(await clippedStep(grad, 1, [fine])).not.toEqual(still);
  for (const bad of [NaN, Infinity]) {
    const [gradient, loss] = [tf.tensor1d([bad, 4]), tf.scalar(bad)];
    for (const maxNorm of [0, 1]) {
      expect(await clippedStep(gradient, maxNorm)).toEqual(still);
      expect(await clippedStep(grad, maxNorm, [fine, loss])).toEqual(still);
    }
    const clip = clipGradients([grad], 1, [loss]);
    expect(await clip.read()).toEqual({ norm: 5, applied: false });
    clip.dispose();
    tf.dispose([gradient, loss]);
  }
  tf.dispose([grad, fine]);
});

onBothBackends('a product with the weights uses their updated values', async () => {
  const w = tf.tidy(() => tf.variable(tf.tensor2d([1, 2, 3, 4], [2, 2])));
  const [m, v] = tf.tidy(() => [tf.variable(tf.zeros([2, 2])), tf.variable(tf.zeros([2, 2]))]);
  const [x, grad] = [tf.tensor2d([1, 0, 0, 1], [2, 2]), tf.ones([2, 2])];
  // XNNPACK packs the right operand at its first use and keeps it while the tensor lives.
  tf.dispose(tf.matMul(x, w as tf.Tensor2D));
  adamWStep(w, grad, m, v, { ...OPTIONS, weightDecay: 0, learningRate: 1, step: 1 });
  const product = tf.matMul(x, w as tf.Tensor2D);
  expectClose(await readTensor(product), [0, 1, 2, 3], 1e-5);
  tf.dispose([w, m, v, x, grad, product]);
});

onBothBackends('the global norm covers all tensors, and shows a gradient that is not finite', async () => {
  const grads = [tf.tensor1d([3, 0]), tf.tensor2d([[4], [12]]), tf.scalar(84)];
  expect(await normOf(grads)).toBeCloseTo(85, 4);
  expect(await normOf([])).toBe(0);
  const bad = tf.tensor1d([1, NaN]);
  expect(await normOf([...grads, bad])).toBeNaN();
  tf.dispose([grads, bad]);
});

onBothBackends('the norm of large tensors next to small ones is exact', async () => {
  const sizes = [1, 300_001, 65, 64];
  const values = sizes.map((size, i) => normalArray(20 + i, size));
  const grads = values.map(x => tf.tensor1d(x));
  const squares = values.map(x => x.reduce((sum, y) => sum + y * y, 0));
  const expected = Math.sqrt(squares.reduce((a, b) => a + b, 0));
  expect(Math.abs((await normOf(grads)) / expected - 1)).toBeLessThan(1e-6);
  tf.dispose(grads);
});

onBothBackends('the update agrees with stock tfjs ops', async () => {
  const make = (): tf.Variable[] =>
    tf.tidy(() => [1, 2, 3].map(seed => tf.variable(tf.abs(tf.tensor1d(normalArray(seed, 50))))));
  const grad = tf.tensor1d(normalArray(4, 50));
  const [fused, stock] = [make(), make()];
  adamWStep(fused[0], grad, fused[1], fused[2], { ...OPTIONS, step: 3 });
  adamWReference(stock[0], grad, stock[1], stock[2], { ...OPTIONS, step: 3 });
  for (const i of [0, 1, 2]) expectClose(await readTensor(fused[i]), await readTensor(stock[i]), 1e-6);
  tf.dispose([grad, fused, stock]);
});
