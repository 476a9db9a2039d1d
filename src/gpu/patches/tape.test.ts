import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { gpuBackend } from '../backend.ts';
import { checkpoint } from '../checkpoint.ts';
import { linear, rmsNorm, swiglu } from '../ops/index.ts';
import { PackedWeight } from '../packed/index.ts';
import { normalArray } from '../random.ts';
import { gpuMemory, readTensor } from '../read.ts';
import { expectClose, onBackend, onBothBackends, onHardwareForm } from '../testing.ts';

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

/** A gated MLP with a norm before it; `flat`: the gate sees its inputs as vectors. */
function gatedMlp(w: PackedWeight, gain: tf.Tensor1D, flat: boolean): (x: tf.Tensor2D) => tf.Tensor2D {
  return x => {
    const lora = { a: tf.fill([2, 16], 0.1) as tf.Tensor2D, b: tf.fill([16, 2], 0.2) as tf.Tensor2D };
    const layer = (input: tf.Tensor2D): tf.Tensor2D => linear(input, w, { lora: { ...lora, scaling: 2 } });
    const z = rmsNorm(x, gain, 1e-6) as tf.Tensor2D;
    const [a, b] = [layer(z), layer(tf.mul(z, 0.5))];
    const shape = flat ? [a.size] : a.shape;
    const gated = swiglu(tf.reshape(a, shape), tf.reshape(b, shape));
    return layer(tf.reshape(gated, a.shape) as tf.Tensor2D);
  };
}

onBackend('webgpu', 'what is computed again changes no bit of a gradient and is not held', async () => {
  const rows = 2048;
  const x = tf.tensor2d(normalArray(1, rows * 16), [rows, 16]);
  const w = PackedWeight.pack(normalArray(2, 256), 16, 16, 'f16');
  const gain = tf.tensor1d(normalArray(3, 16));
  const size = 4 * rows * 16;
  gpuBackend()!.buf(x);
  const of = async (flat: boolean): Promise<{ grad: ArrayLike<number>; held: number }> => {
    let held = 0;
    const before = gpuMemory().used;
    const loss = (input: tf.Tensor): tf.Tensor => {
      const y = tf.tidy(() => gatedMlp(w, gain, flat)(input as tf.Tensor2D));
      gpuBackend()!.flush();
      held = gpuMemory().used - before;
      return tf.sum(tf.square(y));
    };
    const dx = tf.grad(loss)(x);
    const grad = await readTensor(dx);
    dx.dispose();
    return { grad, held };
  };
  const [lean, kept] = [await of(false), await of(true)];
  expect(lean.grad).toEqual(kept.grad);
  expect(Array.from(lean.grad).some(value => value !== 0)).toBe(true);
  // As vectors the gate's result is another tensor than what the last layer reads, and so kept.
  expect(kept.held - lean.held).toBeGreaterThan(0.9 * size);
  // Held: a, b, half of the norm, the result, and of the branches a few columns.
  expect(lean.held).toBeLessThan(4.5 * size);
  w.dispose();
  tf.dispose([x, gain]);
});

onHardwareForm('what several layers and a norm give one input is added up by them', async () => {
  const gpu = gpuBackend()!;
  const [rows, size] = [70, 24];
  const x = tf.tensor2d(normalArray(1, rows * size), [rows, size]);
  const weights = [2, 3, 4].map(seed =>
    PackedWeight.pack(normalArray(seed, size * size), size, size, seed === 3 ? 'int4' : 'f16'),
  );
  const [a, b] = [5, 6].map(seed => normalArray(seed, 2 * size, 0, 0.3));
  const lora = { a: tf.tensor2d(a, [2, size]), b: tf.tensor2d(b, [size, 2]), scaling: 2 };
  const gain = tf.tensor1d(normalArray(7, size));
  /** x + q k + v of x's norm, where `use` says whether all of them use the very same tensor. */
  const run = (use: (x: tf.Tensor2D) => tf.Tensor2D): { grads: tf.Tensor[]; adds: number } => {
    let adds = 0;
    const own = gpu.runWebGPUProgram;
    gpu.runWebGPUProgram = function (...args) {
      if (args[0].constructor.name.includes('BinaryOp')) adds++;
      return own.apply(this, args);
    };
    try {
      const f = (input: tf.Tensor, down: tf.Tensor): tf.Tensor =>
        tf.tidy(() => {
          const z = rmsNorm(use(input as tf.Tensor2D), gain, 1e-6) as tf.Tensor2D;
          const branch = { ...lora, a: down as tf.Tensor2D };
          const [q, k, v] = weights.map(weight => linear(use(z), weight, { lora: branch }));
          return linear(tf.mul(swiglu(q, k), v), weights[0], { residual: use(input as tf.Tensor2D) });
        });
      return { grads: tf.grads(f)([x, lora.a]), adds };
    } finally {
      gpu.runWebGPUProgram = own;
    }
  };
  const [joined, apart] = [run(y => y), run(y => y.clone())];
  // Of z two sums and of x one; a branch's matrix that three layers share is added up as ever.
  expect(apart.adds - joined.adds).toBe(3);
  for (const [i, grad] of joined.grads.entries())
    expectClose(await readTensor(grad), await readTensor(apart.grads[i]), 2e-5, `gradient ${i}`);
  weights.forEach(weight => weight.dispose());
  tf.dispose([x, lora.a, lora.b, gain, joined.grads, apart.grads]);
});
