/** The causal depthwise convolution of LFM2's short-convolution blocks, and its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { fuse, grid, onHeap, params } from '../../fused.ts';
import { tensorOf, type WasmBackend } from '../../internals.ts';
import * as heap from './heap.ts';
import { FORWARD_WGSL, GRAD_INPUT_WGSL, GRAD_KERNEL_WGSL, GRAD_ROWS } from './kernel.wgsl.ts';

const run = fuse({
  name: 'ShortConv',
  inputs: ['u', 'kernel'],
  webgpu: (gpu, { u, kernel }) => {
    const size = tf.util.sizeFromShape(u.shape);
    const y = gpu.alloc(u.shape);
    gpu.dispatch('short-conv', FORWARD_WGSL, [u, kernel, y], numbersOf(u, kernel), grid(size));
    return y;
  },
  wasm: (wasm, { u, kernel }) =>
    onHeap(wasm, u.shape, [u, kernel], (out, x, k) => heap.forward(out, x, k, sizesOf(u, kernel))),
  gradient: (dy, { u, kernel }) => ({
    u: () => gradInput(dy, u, kernel),
    kernel: () => gradKernel(dy, u, kernel),
  }),
});

/**
 * out[b, t, d] = Σ_l kernel[d, l] · u[b, t - (L - 1) + l, d], with zeros before the start (PyTorch's Conv1d with
 * groups = D and padding L - 1, cut to T).
 *
 * @param u  [B, T, D].
 * @param kernel  [D, L], any L ≥ 1.
 * @returns [B, T, D].
 */
export function shortConv(u: tf.Tensor3D, kernel: tf.Tensor2D): tf.Tensor3D {
  return run({ u, kernel }) as tf.Tensor3D;
}

function gradInput(dy: tf.Tensor, u: tf.Tensor, kernel: tf.Tensor): tf.Tensor {
  const gpu = gpuBackend();
  if (!gpu) {
    const fill = (out: Float32Array, dy: Float32Array, k: Float32Array): void =>
      heap.gradInput(out, dy, k, sizesOf(u, kernel));
    return tensorOf(onHeap(tf.backend() as WasmBackend, u.shape, [dy, kernel], fill));
  }
  const du = gpu.tensor(u.shape);
  gpu.dispatch('short-conv-du', GRAD_INPUT_WGSL, [dy, kernel, du], numbersOf(u, kernel), grid(u.size));
  return du;
}

function gradKernel(dy: tf.Tensor, u: tf.Tensor, kernel: tf.Tensor): tf.Tensor {
  const gpu = gpuBackend();
  if (!gpu) {
    const fill = (out: Float32Array, dy: Float32Array, x: Float32Array): void =>
      heap.gradKernel(out, dy, x, sizesOf(u, kernel));
    return tensorOf(onHeap(tf.backend() as WasmBackend, kernel.shape, [dy, u], fill));
  }
  const chunks = Math.ceil(u.size / sizesOf(u, kernel).D / GRAD_ROWS);
  const parts = gpu.tensor([chunks, ...kernel.shape]);
  const groups: [number, number, number] = [Math.ceil(kernel.size / 64), chunks, 1];
  gpu.dispatch('short-conv-dk', GRAD_KERNEL_WGSL, [u, dy, parts], numbersOf(u, kernel), groups);
  return tf.sum(parts, 0);
}

function sizesOf(u: tf.TensorInfo, kernel: tf.TensorInfo): heap.ConvSizes {
  return { T: u.shape[1], D: u.shape[2], L: kernel.shape[1] };
}

function numbersOf(u: tf.TensorInfo, kernel: tf.TensorInfo): Uint32Array {
  const { T, D, L } = sizesOf(u, kernel);
  return params(tf.util.sizeFromShape(u.shape), T, D, L);
}
