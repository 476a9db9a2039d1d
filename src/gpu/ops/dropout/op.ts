/** Dropout whose mask follows from a key: the same on every backend, and the same when a block is computed again. */
import * as tf from '@tensorflow/tfjs-core';
import { fuse, grid, onHeap, params } from '../../fused.ts';
import { DROPOUT_WGSL } from './kernel.wgsl.ts';
import { dropoutReference, threshold } from './reference.ts';

type Attrs = { rate: number; key: number };

const run: (inputs: { x: tf.Tensor }, attrs?: Attrs) => tf.Tensor = fuse<'x', Attrs>({
  name: 'KeyedDropout',
  inputs: ['x'],
  cheap: true,
  webgpu: (gpu, { x }, { rate, key }) => {
    const size = tf.util.sizeFromShape(x.shape);
    const y = gpu.alloc(x.shape);
    const numbers = params(size, key, threshold(rate), { f32: 1 / (1 - rate) });
    gpu.dispatch('dropout', DROPOUT_WGSL, [x, y], numbers, grid(size));
    return y;
  },
  wasm: (backend, { x }, { rate, key }) =>
    onHeap(backend, x.shape, [x], (out, values) => dropoutReference(out, values, rate, key)),
  // The mask is diagonal: the gradient meets the same one.
  gradient: (dy, _, attrs) => ({ x: () => run({ x: dy }, attrs) }),
});

/**
 * Sets each value to 0 with probability `rate` and divides the others by 1 - `rate`, so that the expectation stays.
 *
 * @param x  float32, any shape.
 * @param rate  in [0, 1).
 * @param key  32 bits (hashKey); equal keys and sizes drop the same places.
 * @see torch.nn.Dropout
 */
export function dropout(x: tf.Tensor, rate: number, key: number): tf.Tensor {
  return run({ x }, { rate, key: key >>> 0 });
}
