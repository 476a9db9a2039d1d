/** Layer normalisation of the last dimension, and its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { fuse, params } from '../../fused.ts';
import { GRAD_ROWS, recordRows } from '../rows.wgsl.ts';
import { forwardWgsl, GRAD_WEIGHT_WGSL, gradXWgsl, statisticsWgsl } from './kernel.wgsl.ts';
import { layerNormReference } from './reference.ts';

const run = fuse({
  name: 'LayerNorm',
  inputs: ['x', 'weight', 'bias'],
  cheap: true,
  webgpu: (gpu, { x, weight, bias }, { eps }) => {
    const y = gpu.alloc(x.shape);
    recordRows(gpu, 'layer-norm', forwardWgsl, [x, weight, bias, y], x, eps);
    return y;
  },
  wasm: (_, { x, weight, bias }, { eps }) =>
    layerNormReference(x as tf.Tensor, weight as tf.Tensor1D, bias as tf.Tensor1D, eps),
  // Only reached on webgpu: on wasm `layerNorm` leaves the gradients to those of the parts.
  gradient: (dy, { x, weight }, { eps }) => ({
    x: () => gradX(gpuBackend()!, dy, x, weight, eps),
    weight: () => gradWeight(gpuBackend()!, dy, x, eps),
    bias: () => tf.sum(tf.reshape(dy, [-1, weight.size]), 0),
  }),
});

/**
 * (x - mean) / √(variance + eps) · weight + bias, with the biased variance.
 *
 * @param x  any shape [..., D].
 * @param weight  [D].
 * @param bias  [D].
 * @see Ba, Kiros & Hinton 2016
 */
export function layerNorm(x: tf.Tensor, weight: tf.Tensor1D, bias: tf.Tensor1D, eps: number): tf.Tensor {
  if (gpuBackend()) return run({ x, weight, bias }, { eps });
  return tf.tidy(() => layerNormReference(x, weight, bias, eps));
}

function gradX(gpu: GpuBackend, dy: tf.Tensor, x: tf.Tensor, weight: tf.Tensor, eps: number): tf.Tensor {
  const dx = gpu.tensor(x.shape);
  recordRows(gpu, 'layer-norm-dx', gradXWgsl, [x, weight, dy, dx], x, eps);
  return dx;
}

function gradWeight(gpu: GpuBackend, dy: tf.Tensor, x: tf.Tensor, eps: number): tf.Tensor {
  const width = x.shape[x.shape.length - 1];
  const rows = x.size / width;
  const chunks = Math.ceil(rows / GRAD_ROWS);
  const stats = gpu.tensor([rows, 2]);
  recordRows(gpu, 'layer-norm-stats', statisticsWgsl, [x, stats], x, eps);
  const parts = gpu.tensor([chunks, width]);
  const numbers = params(rows, width, { f32: eps });
  const groups: [number, number, number] = [Math.ceil(width / 64), chunks, 1];
  gpu.dispatch('layer-norm-dw', GRAD_WEIGHT_WGSL, [x, stats, dy, parts], numbers, groups);
  return tf.sum(parts, 0);
}
