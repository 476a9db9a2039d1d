/** Root-mean-square normalisation of the last dimension, and its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { fuse, onHeap, params } from '../../fused.ts';
import { tensorOf, type WasmBackend } from '../../internals.ts';
import { gradientSoFar } from '../../patches/tape.ts';
import * as heap from './heap.ts';
import { GRAD_ROWS, recordRows, type Lanes } from '../rows.wgsl.ts';
import { forwardWgsl, GRAD_WEIGHT_WGSL, gradXWgsl, scaleWgsl } from './kernel.wgsl.ts';

const run = fuse({
  name: 'RmsNorm',
  inputs: ['x', 'weight'],
  cheap: true,
  webgpu: (gpu, { x, weight }, { eps }) => {
    const y = gpu.alloc(x.shape);
    recordRows(gpu, 'rms-norm', forwardWgsl, [x, weight, y], x, eps, true);
    return y;
  },
  wasm: (wasm, { x, weight }, { eps }) =>
    onHeap(wasm, x.shape, [x, weight], (out, x, w) => heap.forward(out, x, w, eps)),
  gradient: (dy, { x, weight }, { eps }) => ({
    x: () => gradX(dy, x, weight, eps),
    weight: () => gradWeight(dy, x, weight, eps),
  }),
});

/**
 * x / √(mean(x²) + eps) · weight.
 *
 * @param x  any shape [..., D].
 * @param weight  [D].
 * @see Zhang & Sennrich 2019
 */
export function rmsNorm(x: tf.Tensor, weight: tf.Tensor1D, eps: number): tf.Tensor {
  return run({ x, weight }, { eps });
}

function gradX(dy: tf.Tensor, x: tf.Tensor, weight: tf.Tensor, eps: number): tf.Tensor {
  const gpu = gpuBackend();
  if (!gpu) {
    const fill = (out: Float32Array, dy: Float32Array, x: Float32Array, w: Float32Array): void =>
      heap.gradX(out, dy, x, w, eps);
    return tensorOf(onHeap(tf.backend() as WasmBackend, x.shape, [dy, x, weight], fill));
  }
  const dx = gpu.tensor(x.shape);
  // What the residual stream brings is added here, not by a pass of its own.
  const more = gradientSoFar();
  const code = (width: number, lanes: Lanes): string => gradXWgsl(width, lanes, more !== null);
  const bindings = [x, weight, dy, ...(more ? [more] : []), dx];
  recordRows(gpu, more ? 'rms-norm-dx-more' : 'rms-norm-dx', code, bindings, x, eps, true);
  return dx;
}

function gradWeight(dy: tf.Tensor, x: tf.Tensor, weight: tf.Tensor, eps: number): tf.Tensor {
  const gpu = gpuBackend();
  if (!gpu) {
    const fill = (out: Float32Array, dy: Float32Array, x: Float32Array): void =>
      heap.gradWeight(out, dy, x, eps);
    return tensorOf(onHeap(tf.backend() as WasmBackend, weight.shape, [dy, x], fill));
  }
  const [width] = weight.shape;
  const rows = x.size / width;
  const chunks = Math.ceil(rows / GRAD_ROWS);
  const r = gpu.tensor([rows]);
  recordRows(gpu, 'rms-norm-scale', scaleWgsl, [x, r], x, eps, true);
  const parts = gpu.tensor([chunks, width]);
  const numbers = params(rows, width, { f32: eps });
  gpu.dispatch('rms-norm-dw', GRAD_WEIGHT_WGSL, [x, r, dy, parts], numbers, [
    Math.ceil(width / 64),
    chunks,
    1,
  ]);
  return tf.sum(parts, 0);
}
