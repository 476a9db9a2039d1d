/** The Euclidean norm of all gradients together, with one read-back. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { floats, grid, params } from '../../fused.ts';
import type { WasmBackend } from '../../internals.ts';
import { readTensor } from '../../read.ts';
import { SUM_SQUARES_WGSL } from './kernel.wgsl.ts';

/** Elements that a thread sums, in float32: enough for few partial sums, few enough for exact ones. */
const ELEMENTS_A_THREAD = 64;

/** Partial sums of a tensor at most; a larger one gives its threads more elements. */
const MOST_PARTS = 4096;

/** √Σ g² over every element of every tensor; 0 for none. NaN or ∞ when a gradient is. */
export async function globalNorm(grads: tf.Tensor[]): Promise<number> {
  if (grads.length === 0) return 0;
  const gpu = gpuBackend();
  if (!gpu) return Math.sqrt(sumOnHeap(tf.backend() as WasmBackend, grads));
  const sums = partialSums(gpu, grads);
  try {
    const squares = (await readTensor(sums)) as Float32Array;
    return Math.sqrt(squares.reduce((a, b) => a + b, 0));
  } finally {
    sums.dispose();
  }
}

/** In float64: tf.sum adds a large tensor up in float32, one element after the other. */
function sumOnHeap(wasm: WasmBackend, grads: tf.Tensor[]): number {
  let sum = 0;
  for (const grad of grads) for (const x of floats(wasm, grad)) sum += x * x;
  return sum;
}

/** One dispatch a tensor, each into its part of the result; the few thousand parts are added on the processor. */
function partialSums(gpu: GpuBackend, grads: tf.Tensor[]): tf.Tensor {
  const parts = grads.map(({ size }) => Math.min(MOST_PARTS, Math.ceil(size / ELEMENTS_A_THREAD)));
  const sums = gpu.tensor([parts.reduce((a, b) => a + b, 0)]);
  let first = 0;
  for (const [i, grad] of grads.entries()) {
    const numbers = params(grad.size, parts[i], first);
    gpu.dispatch('sum-squares', SUM_SQUARES_WGSL, [grad, sums], numbers, grid(parts[i]));
    first += parts[i];
  }
  return sums;
}
