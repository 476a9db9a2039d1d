/** The activation x · Φ(x), and its gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { fuse, grid, params } from '../../fused.ts';
import { forwardWgsl, gradWgsl, type GeluKind } from './kernel.wgsl.ts';
import { geluReference } from './reference.ts';

const run = fuse<'x', { kind: GeluKind }>({
  name: 'Gelu',
  inputs: ['x'],
  cheap: true,
  webgpu: (gpu, { x }, { kind }) => {
    const size = tf.util.sizeFromShape(x.shape);
    const y = gpu.alloc(x.shape);
    gpu.dispatch(`gelu-${kind}`, () => forwardWgsl(kind), [x, y], params(size), grid(size));
    return y;
  },
  wasm: (_, { x }, { kind }) => geluReference(x as tf.Tensor, kind),
  // Only reached on webgpu: on wasm `gelu` leaves the gradient to those of the parts.
  gradient: (dy, { x }, { kind }) => ({
    x: () => {
      const gpu = gpuBackend()!;
      const dx = gpu.tensor(x.shape);
      gpu.dispatch(`gelu-${kind}-dx`, () => gradWgsl(kind), [x, dy, dx], params(x.size), grid(x.size));
      return dx;
    },
  }),
});

/**
 * x · Φ(x), any shape: exact (PyTorch's `gelu`) or with tanh (`gelu_pytorch_tanh`).
 * @see Hendrycks & Gimpel 2016
 */
export function gelu(x: tf.Tensor, kind: GeluKind): tf.Tensor {
  return gpuBackend() ? run({ x }, { kind }) : tf.tidy(() => geluReference(x, kind));
}
