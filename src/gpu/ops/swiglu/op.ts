/** The gate of a gated MLP, silu(a) ⊙ b, and its gradients: nothing is kept for the backward pass but a and b. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { fuse, grid, params } from '../../fused.ts';
import { tensorOf } from '../../internals.ts';
import { forwardWgsl, gradWgsl, type Lanes } from './kernel.wgsl.ts';
import { swigluReference } from './reference.ts';

const run = fuse({
  name: 'SwiGlu',
  inputs: ['a', 'b'],
  cheap: true,
  webgpu: (gpu, { a, b }) => {
    const y = gpu.alloc(a.shape);
    record(gpu, 'swiglu', forwardWgsl, [a, b, y], a);
    return y;
  },
  gradient: (dy, { a, b }) => {
    const gpu = gpuBackend()!;
    const [da, db] = [gpu.alloc(a.shape), gpu.alloc(b.shape)];
    record(gpu, 'swiglu-grad', gradWgsl, [a, b, dy, da, db], a);
    const grads = { a: tensorOf(da), b: tensorOf(db) };
    return { a: () => grads.a, b: () => grads.b };
  },
});

/**
 * silu(a) ⊙ b.
 *
 * @param a  any shape.
 * @param b  as a.
 * @throws {RangeError} when the shapes differ.
 * @see Shazeer 2020, "GLU Variants Improve Transformer"
 */
export function swiglu<T extends tf.Tensor>(a: T, b: T): T {
  if (!tf.util.arraysEqual(a.shape, b.shape)) {
    throw new RangeError(`swiglu cannot take [${a.shape}] with [${b.shape}].`);
  }
  return (gpuBackend() ? run({ a, b }) : swigluReference(a, b)) as T;
}

function record(
  gpu: GpuBackend,
  name: string,
  code: (lanes: Lanes) => string,
  bindings: tf.TensorInfo[],
  { shape }: tf.TensorInfo,
): void {
  const size = tf.util.sizeFromShape(shape);
  const lanes = size % 4 === 0 ? 4 : 1;
  const threads = size / lanes;
  gpu.dispatch(`${name}-${lanes}`, () => code(lanes), bindings, params(threads), grid(threads));
}
