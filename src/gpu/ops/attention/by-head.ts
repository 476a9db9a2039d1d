/** Attention as the wasm heap does it, a head after the other, and the way there and back from rows of tokens. */
import * as tf from '@tensorflow/tfjs-core';
import { fuse } from '../../fused.ts';
import { tensorOf, type WasmBackend } from '../../internals.ts';
import * as heap from './heap.ts';

export interface AttentionByHeadOptions {
  /** Query i of Tq sees keys 0 … Tk - Tq + i. Right padding is then exact for real tokens. */
  causal: boolean;
  /** Usually 1/√dh. */
  scale: number;
}

const run = fuse({
  name: 'AttentionByHead',
  inputs: ['q', 'k', 'v'],
  keepsOutput: true,
  wasm: (wasm, inputs, { scale, causal }) => heap.forward(wasm, { ...inputs, scale, causal: causal === 1 }),
  gradient: (dy, inputs, { scale, causal }, output) => {
    const heads = { ...inputs, scale, causal: causal === 1 };
    const grads = heap.backward(tf.backend() as WasmBackend, heads, output, dy);
    const [q, k, v] = grads.map(grad => tensorOf(grad));
    return { q: () => q, k: () => k, v: () => v };
  },
});

/**
 * softmax(scale · q kᵀ + mask) v for each head, on wasm alone: webgpu's kernels read rows.
 *
 * @param q  [B, H, Tq, dh].
 * @param k  [B, Hk, Tk, dh] with H a multiple of Hk; query head h uses kv head ⌊h / (H / Hk)⌋.
 * @param v  as k.
 * @returns [B, H, Tq, dh].
 * @throws {RangeError} when the heads do not divide, or a causal query would see no key.
 */
export function attentionByHead(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  o: AttentionByHeadOptions,
): tf.Tensor4D {
  if (q.shape[1] % k.shape[1] !== 0 || (o.causal && k.shape[2] < q.shape[2])) {
    throw new RangeError(`attention cannot take queries [${q.shape}] with keys [${k.shape}].`);
  }
  return run({ q, k, v }, { scale: o.scale, causal: o.causal ? 1 : 0 }) as tf.Tensor4D;
}

/** A batch of `batch` sequences of `length` tokens, side by side: [batch · length, D]. */
export interface BatchShape {
  batch: number;
  length: number;
}

/** [batch · length, heads · headSize], or a row a head, to [batch, heads, length, headSize]. */
export function byHead(x: tf.Tensor2D, { batch, length }: BatchShape, headSize: number): tf.Tensor4D {
  return tf.transpose(tf.reshape(x, [batch, length, -1, headSize]), [0, 2, 1, 3]) as tf.Tensor4D;
}

/** [batch, heads, length, headSize] to [batch · length, heads · headSize]. */
export function byRow(x: tf.Tensor4D): tf.Tensor2D {
  const [batch, heads, length, headSize] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch * length, heads * headSize]);
}
