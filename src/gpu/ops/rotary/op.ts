/** Rotary position embedding in the half-split layout of Llama and LFM2, and its gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { fuse, grid, onHeap, params } from '../../fused.ts';
import { tensorOf, type WasmBackend } from '../../internals.ts';
import { rotaryHeap, type RotaryLayout } from './heap.ts';
import { rotaryWgsl } from './kernel.wgsl.ts';
import { rotaryReference } from './reference.ts';

const run = fuse({
  name: 'Rotary',
  inputs: ['x', 'cos', 'sin'],
  webgpu: (gpu, { x, cos, sin }) => onGpu(gpu, x, cos, sin, false),
  wasm: (wasm, { x, cos, sin }) => onWasm(wasm, x, cos, sin, false),
  gradient: (dy, { cos, sin }) => ({
    x: () => {
      const gpu = gpuBackend();
      return tensorOf(
        gpu ? onGpu(gpu, dy, cos, sin, true) : onWasm(tf.backend() as WasmBackend, dy, cos, sin, true),
      );
    },
    cos: () => tf.zerosLike(cos),
    sin: () => tf.zerosLike(sin),
  }),
});

/**
 * x · cos + rotate_half(x) · sin, where rotate_half([a, b]) = [-b, a].
 *
 * @param x  [B, H, T, dh], dh even.
 * @param cos  anything that broadcasts to x: [T, dh] for rows that share positions, [B, 1, T, dh] for positions of each
 *   sequence, and [B, 1, 1, dh] in decoding. Both halves hold the same angles. No gradient flows into it.
 * @param sin  as cos.
 * @see Su et al. 2021; transformers' apply_rotary_pos_emb
 */
export function rotary(x: tf.Tensor4D, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor4D {
  if (x.shape[3] % 2 !== 0) throw new RangeError(`rotary needs an even head size, not ${x.shape[3]}.`);
  const known = layoutOf(x.shape, cos.shape) !== null && tf.util.arraysEqual(cos.shape, sin.shape);
  return (known ? run({ x, cos, sin }) : tf.tidy(() => rotaryReference(x, cos, sin))) as tf.Tensor4D;
}

/** Null when the angles differ by head, which no model of ours does. */
function layoutOf(x: number[], cos: number[]): RotaryLayout | null {
  const [B, H, T, D] = x;
  const [cosB, cosH, cosT, cosD] = [...[1, 1, 1, 1].slice(cos.length), ...cos];
  if (cosH !== 1 || cosD !== D || ![1, B].includes(cosB) || ![1, T].includes(cosT)) return null;
  return { perBatch: H * T * D, T, D, rowsB: cosB === 1 ? 0 : cosT, rowsT: cosT === 1 ? 0 : 1 };
}

function onGpu(
  gpu: GpuBackend,
  x: tf.TensorInfo,
  cos: tf.TensorInfo,
  sin: tf.TensorInfo,
  backward: boolean,
): tf.TensorInfo {
  const o = layoutOf(x.shape, cos.shape)!;
  const size = tf.util.sizeFromShape(x.shape);
  const y = gpu.alloc(x.shape);
  const numbers = params(size, o.perBatch, o.T, o.D, o.rowsB, o.rowsT);
  gpu.dispatch(`rotary-${backward}`, () => rotaryWgsl(backward), [x, cos, sin, y], numbers, grid(size));
  return y;
}

function onWasm(
  wasm: WasmBackend,
  x: tf.TensorInfo,
  cos: tf.TensorInfo,
  sin: tf.TensorInfo,
  backward: boolean,
): tf.TensorInfo {
  const o = layoutOf(x.shape, cos.shape)!;
  return onHeap(wasm, x.shape, [x, cos, sin], (y, x, cos, sin) => rotaryHeap(y, x, cos, sin, o, backward));
}
