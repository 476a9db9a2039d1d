/** The activation x · sigmoid(x), and its gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { fuse, grid, onHeap, params } from '../../fused.ts';
import { tensorOf, type WasmBackend } from '../../internals.ts';
import { FORWARD_WGSL, GRAD_WGSL } from './kernel.wgsl.ts';
import { siluReference } from './reference.ts';

const run = fuse({
  name: 'Silu',
  inputs: ['x'],
  webgpu: (gpu, { x }) => {
    const size = tf.util.sizeFromShape(x.shape);
    const y = gpu.alloc(x.shape);
    gpu.dispatch('silu', FORWARD_WGSL, [x, y], params(size), grid(size));
    return y;
  },
  wasm: (_, { x }) => tf.tidy(() => siluReference(x as tf.Tensor)),
  gradient: (dy, { x }) => ({ x: () => gradient(dy, x) }),
});

/** x · sigmoid(x), any shape. @see Elfwing et al. 2017 */
export function silu(x: tf.Tensor): tf.Tensor {
  return run({ x });
}

function gradient(dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const gpu = gpuBackend();
  if (gpu) {
    const dx = gpu.tensor(x.shape);
    gpu.dispatch('silu-dx', GRAD_WGSL, [x, dy, dx], params(x.size), grid(x.size));
    return dx;
  }
  // XNNPACK's sigmoid is vectorised; JavaScript's exp is not.
  const fill = (out: Float32Array, x: Float32Array, dy: Float32Array, s: Float32Array): void => {
    for (let i = 0; i < out.length; i++) out[i] = dy[i] * s[i] * (1 + x[i] * (1 - s[i]));
  };
  return tensorOf(onHeap(tf.backend() as WasmBackend, x.shape, [x, dy, tf.sigmoid(x)], fill));
}
