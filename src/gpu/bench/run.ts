/** How fast the kernels are, against the same from stock tfjs ops: what `npm run bench -- kernels` prints. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../backend.ts';
import { normalArray } from '../random.ts';
import { readTensor, trimPool } from '../read.ts';
import { NANO, type BenchSizes, type Call, type CaseGroup, type KernelCase, type Op } from './cases.ts';
import { elementwiseCases } from './elementwise.ts';
import { mixerCases } from './mixers.ts';
import { productCases } from './products.ts';
import { updateCases } from './updates.ts';

export interface KernelTiming {
  name: string;
  /** Milliseconds of a forward and backward pass, or of a call where there is no gradient; the best of the rounds. */
  fused: number;
  /** The same from stock tfjs ops; null where there is no such thing. */
  composed: number | null;
}

/** Each makes its inputs on the current backend. */
export const GROUPS: ((sizes: BenchSizes) => CaseGroup)[] = [
  elementwiseCases,
  mixerCases,
  productCases,
  updateCases,
];

/** A round repeats a pass for this long at least: a page's clock moves in steps of a tenth of a millisecond. */
const LEAST_MS = 2;

/** Times every op on the current backend that has a kernel of its own there. */
export async function benchKernels(sizes: BenchSizes = NANO, rounds = 3): Promise<KernelTiming[]> {
  const timings: KernelTiming[] = [];
  for (const make of GROUPS) {
    const group = make(sizes);
    for (const one of runnable(group.cases)) {
      timings.push({ name: one.name, ...(await timesOf(one, rounds)) });
      trimPool();
    }
    group.dispose();
  }
  return timings;
}

/** Those with a kernel of their own on the current backend. */
export function runnable(cases: KernelCase[]): KernelCase[] {
  return cases.filter(({ gpuOnly }) => !gpuOnly || gpuBackend());
}

async function timesOf(one: KernelCase, rounds: number): Promise<Omit<KernelTiming, 'name'>> {
  if (!('shapes' in one))
    return { fused: await best(one.fused, rounds), composed: await best(one.composed, rounds) };
  const { shapes, fused, composed } = one;
  return {
    fused: await timePasses(fused, shapes, rounds),
    composed: composed && (await timePasses(composed, shapes, rounds)),
  };
}

/**
 * Forward and backward. Each pass's input is the last one's gradient, so that nothing can be skipped, and one value is read
 * back at the end.
 */
async function timePasses(op: Op, shapes: number[][], rounds: number): Promise<number> {
  let inputs = inputsOf(shapes);
  const gradients = tf.grads((...x) => tf.sum(tf.tidy(() => op(...x))));
  const ms = await best(async () => {
    const next = gradients(inputs);
    const one = tf.tidy(() => tf.slice(tf.reshape(next[0], [-1]), 0, 1));
    const values = await readTensor(one);
    one.dispose();
    tf.dispose(inputs);
    inputs = next;
    return values;
  }, rounds);
  tf.dispose(inputs);
  return ms;
}

export function inputsOf(shapes: number[][]): tf.Tensor[] {
  return shapes.map((shape, i) => tf.tensor(normalArray(i, tf.util.sizeFromShape(shape), 0, 0.1), shape));
}

/** Milliseconds of a call in the best round. */
async function best(call: Call, rounds: number): Promise<number> {
  // The first compiles the shaders.
  await call();
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    let calls = 0;
    while (performance.now() - start < LEAST_MS) {
      await call();
      calls++;
    }
    least = Math.min(least, (performance.now() - start) / calls);
  }
  return least;
}
