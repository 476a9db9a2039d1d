/** Helpers of the GPU tests: one test on both backends, and an op against plain float64 arithmetic. */
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { gpuBackend } from './backend.ts';
import { normalArray } from './random.ts';
import { checkGpu, readTensor } from './read.ts';
import { startBackend } from './start.ts';

export const BACKENDS = ['wasm', 'webgpu'] as const;

type Backend = (typeof BACKENDS)[number];

/** Runs `body` on one backend, and fails when it leaves a tensor behind or the GPU complained. */
export function onBackend(backend: Backend, name: string, body: () => Promise<void>): void {
  test(`${name} (${backend})`, async () => {
    await startBackend(backend);
    const before = tf.memory().numTensors;
    await body();
    await checkGpu();
    expect(tf.memory().numTensors - before, 'tensors left behind').toBe(0);
  });
}

/** `onBackend` on wasm and on webgpu. */
export function onBothBackends(name: string, body: (backend: Backend) => Promise<void>): void {
  for (const backend of BACKENDS) onBackend(backend, name, () => body(backend));
}

/**
 * Runs `body` on webgpu in the form that a real GPU gets (workgroups that share memory, subgroups where the adapter has them),
 * also on a software adapter.
 */
export function onHardwareForm(name: string, body: () => Promise<void>): void {
  test(`${name} (form for real GPUs)`, async () => {
    await startBackend('webgpu');
    await inHardwareForm(body);
  });
}

async function inHardwareForm(body: () => Promise<void>): Promise<void> {
  const device = gpuBackend()!.gpu;
  const { software } = device;
  device.software = false;
  const before = tf.memory().numTensors;
  try {
    await body();
    await checkGpu();
  } finally {
    device.software = software;
  }
  expect(tf.memory().numTensors - before, 'tensors left behind').toBe(0);
}

/** Runs `body` on webgpu where the device has what it needs, in the form for real GPUs; elsewhere it is skipped by name. */
export function onDeviceWith(need: 'native' | 'matrices', name: string, body: () => Promise<void>): void {
  test(`${name} (${need})`, async ({ skip }) => {
    await startBackend('webgpu');
    const { half } = gpuBackend()!.gpu;
    if (!half[need]) skip(need === 'native' ? 'the adapter has no shader-f16' : half.missing);
    await inHardwareForm(body);
  });
}

/** An argument of an op under test: its shape, and which values it holds. */
export interface Arg {
  shape: number[];
  /** Given for integers and for what has no gradient; normal numbers otherwise. */
  values?: number[];
  /** Integers are passed as int32 and have no gradient. */
  dtype?: 'float32' | 'int32';
  /** Standard deviation of the normal numbers; 1 by default. */
  scale?: number;
  /** False when no gradient is defined for it. */
  grad?: boolean;
}

export type Plain = (...inputs: Float64Array[]) => Float64Array;

/**
 * Checks an op's value and gradients against `plain`, its definition in float64: values everywhere, gradients by central
 * differences of `plain` at up to 40 coordinates of every argument.
 *
 * @param tolerance  largest allowed |error| / (1 + |expected|); float32 sums of some hundred terms keep 1e-5.
 */
export async function checkOp(
  op: (...inputs: tf.Tensor[]) => tf.Tensor,
  plain: Plain,
  args: Arg[],
  tolerance = 1e-4,
  seed = 1,
): Promise<void> {
  const values = args.map((arg, i) =>
    arg.values
      ? Float64Array.from(arg.values)
      : Float64Array.from(normalArray(seed * 100 + i, tf.util.sizeFromShape(arg.shape), 0, arg.scale ?? 1)),
  );
  const inputs = args.map((arg, i) =>
    arg.dtype === 'int32'
      ? tf.tensor(Int32Array.from(values[i]), arg.shape, 'int32')
      : tf.tensor(Float32Array.from(values[i]), arg.shape),
  );
  const expected = plain(...values);
  const before = tf.memory().numTensors;
  const out = op(...inputs);
  expect(tf.memory().numTensors - before, 'tensors an op leaves besides its result').toBe(1);
  expectClose(await readTensor(out), expected, tolerance, 'value');

  const weights = normalArray(seed + 7, expected.length);
  const floats = args.flatMap((arg, i) => (arg.dtype === 'int32' || arg.grad === false ? [] : [i]));
  const coefficients = tf.tensor(weights, out.shape);
  const loss = (...xs: tf.Tensor[]): tf.Scalar => {
    const all = [...inputs];
    floats.forEach((at, i) => (all[at] = xs[i]));
    return tf.sum(tf.mul(op(...all), coefficients)) as tf.Scalar;
  };
  const grads = floats.length > 0 ? tf.grads(loss)(floats.map(i => inputs[i])) : [];
  for (const [i, at] of floats.entries()) {
    const got = await readTensor(grads[i]);
    for (const c of someIndices(got.length, seed)) {
      const slope = centralDifference(plain, values, at, c, weights);
      const error = Math.abs(got[c] - slope) / (1 + Math.abs(slope));
      expect(error, `gradient ${at} at ${c}: ${got[c]}, expected ${slope}`).toBeLessThan(tolerance * 3);
    }
  }
  tf.dispose([inputs, out, coefficients, grads]);
}

function centralDifference(
  plain: Plain,
  values: Float64Array[],
  at: number,
  c: number,
  weights: Float32Array,
): number {
  const step = 1e-5;
  const sides = [step, -step].map(delta => {
    const moved = values.map(x => x.slice());
    moved[at][c] += delta;
    return plain(...moved).reduce((sum, y, i) => sum + y * weights[i], 0);
  });
  return (sides[0] - sides[1]) / (2 * step);
}

function someIndices(size: number, seed: number): number[] {
  if (size <= 40) return Array.from({ length: size }, (_, i) => i);
  return [0, size - 1, ...Array.from({ length: 38 }, (_, i) => ((i + seed) * 2654435761) % size)];
}

/** Fails on NaN, on another length, and on an error above `tolerance` relative to 1 + |expected|. */
export function expectClose(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = 'value',
): void {
  expect(got.length, `${what}: length`).toBe(expected.length);
  let worst = -1;
  let at = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(got[i] - expected[i]) / (1 + Math.abs(expected[i]));
    if (!(error <= worst)) {
      worst = error;
      at = i;
      if (Number.isNaN(error)) break;
    }
  }
  expect(worst, `${what}: at ${at} got ${got[at]}, expected ${expected[at]}`).toBeLessThanOrEqual(tolerance);
}
