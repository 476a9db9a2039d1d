/** Clipping by the global norm of all gradients, with nothing read back before the update: the factor stays where AdamW reads it. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { floats, grid, params } from '../../fused.ts';
import type { WasmBackend } from '../../internals.ts';
import { readTensor } from '../../read.ts';
import { CLIP_WGSL, SUM_SQUARES_WGSL } from './kernel.wgsl.ts';

/** Elements that a thread sums, in float32: enough for few partial sums, few enough for exact ones. */
const ELEMENTS_A_THREAD = 64;

/** Partial sums of a tensor at most; a larger one gives its threads more elements. */
const MOST_PARTS = 4096;

/** Keeps the division defined. torch's value. */
const EPSILON = 1e-6;

/** What there is to know of one clipping, on the processor or still on the GPU. */
export class GradientClip {
  constructor(
    /** On wasm: √Σ g², what gradients are multiplied by, and whether to step at all. */
    readonly known: { norm: number; factor: number; finite: boolean } | null,
    /** On webgpu: [norm, factor, Σ of what must be finite besides]. */
    readonly tensor: tf.Tensor | null,
  ) {}

  /** @returns √Σ g² before clipping, NaN or ∞ when a gradient is; and whether `adamWStep` took the step */
  async read(): Promise<{ norm: number; applied: boolean }> {
    if (this.known) return { norm: this.known.norm, applied: this.known.finite };
    const [norm, , rest] = (await readTensor(this.tensor!)) as Float32Array;
    return { norm, applied: Number.isFinite(norm) && Number.isFinite(rest) };
  }

  dispose(): void {
    this.tensor?.dispose();
  }
}

/**
 * The factor min(1, maxNorm / (norm + 1e-6)) for `adamWStep`. The caller disposes of it.
 *
 * @param maxNorm  0 for no clipping.
 * @param others  what must be finite, as the gradients must, for the update to change anything: the losses.
 * @see torch.nn.utils.clip_grad_norm_
 */
export function clipGradients(
  grads: tf.Tensor[],
  maxNorm: number,
  others: readonly tf.Tensor[] = [],
): GradientClip {
  const gpu = gpuBackend();
  if (gpu) return new GradientClip(null, onGpu(gpu, grads, maxNorm, others));
  const wasm = tf.backend() as WasmBackend;
  const norm = Math.sqrt(sumOnHeap(wasm, grads));
  const factor = maxNorm === 0 ? 1 : Math.min(1, maxNorm / (norm + EPSILON));
  const finite = Number.isFinite(norm) && Number.isFinite(sumOnHeap(wasm, others));
  return new GradientClip({ norm, factor, finite }, null);
}

/** In float64: tf.sum adds a large tensor up in float32, one element after the other. */
function sumOnHeap(wasm: WasmBackend, tensors: readonly tf.Tensor[]): number {
  let sum = 0;
  for (const tensor of tensors) for (const x of floats(wasm, tensor)) sum += x * x;
  return sum;
}

/** One dispatch a tensor, each into its part of the partial sums, and one over these. */
function onGpu(
  gpu: GpuBackend,
  grads: tf.Tensor[],
  maxNorm: number,
  others: readonly tf.Tensor[],
): tf.Tensor {
  const tensors = [...grads, ...others];
  const parts = tensors.map(({ size }) => Math.min(MOST_PARTS, Math.ceil(size / ELEMENTS_A_THREAD)));
  const total = (counts: number[]): number => counts.reduce((a, b) => a + b, 0);
  const sums = gpu.tensor([Math.max(1, total(parts))]);
  let first = 0;
  for (const [i, tensor] of tensors.entries()) {
    const numbers = params(tensor.size, parts[i], first);
    gpu.dispatch('sum-squares', SUM_SQUARES_WGSL, [tensor, sums], numbers, grid(parts[i]));
    first += parts[i];
  }
  const clip = gpu.tensor([3]);
  const numbers = params(total(parts.slice(0, grads.length)), first, { f32: maxNorm }, { f32: EPSILON });
  gpu.dispatch('clip', CLIP_WGSL, [sums, clip], numbers, [1, 1, 1]);
  sums.dispose();
  return clip;
}
