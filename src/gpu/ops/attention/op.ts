/** Scaled dot-product attention over whole sequences, with grouped heads, and its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { fuse } from '../../fused.ts';
import { tensorOf, type WasmBackend } from '../../internals.ts';
import * as heap from './heap.ts';
import { attentionReference } from './reference.ts';

export interface AttentionOptions {
  /** Query i of Tq sees keys 0 … Tk - Tq + i. Right padding is then exact for real tokens. */
  causal: boolean;
  /** Usually 1/√dh. */
  scale: number;
}

const onWasm = fuse({
  name: 'Attention',
  inputs: ['q', 'k', 'v'],
  keepsOutput: true,
  webgpu: (_, { q, k, v }, { scale, causal }) =>
    attentionReference(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, { scale, causal: causal === 1 }),
  wasm: (wasm, inputs, { scale, causal }) => heap.forward(wasm, { ...inputs, scale, causal: causal === 1 }),
  gradient: (dy, inputs, { scale, causal }, output) => {
    const wasm = tf.backend() as WasmBackend;
    const heads = { ...inputs, scale, causal: causal === 1 };
    const [q, k, v] = heap.backward(wasm, heads, output, dy).map(grad => tensorOf(grad));
    return { q: () => q, k: () => k, v: () => v };
  },
});

/**
 * softmax(scale · q kᵀ + mask) v for each head.
 *
 * @param q  [B, H, Tq, dh].
 * @param k  [B, Hk, Tk, dh] with H a multiple of Hk; query head h uses kv head ⌊h / (H / Hk)⌋.
 * @param v  as k.
 * @returns [B, H, Tq, dh].
 * @throws {RangeError} when the heads do not divide, or a causal query would see no key.
 */
export function attention(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, o: AttentionOptions): tf.Tensor4D {
  if (q.shape[1] % k.shape[1] !== 0 || (o.causal && k.shape[2] < q.shape[2])) {
    throw new RangeError(`attention cannot take queries [${q.shape}] with keys [${k.shape}].`);
  }
  if (gpuBackend()) return tf.tidy(() => attentionReference(q, k, v, o));
  return onWasm({ q, k, v }, { scale: o.scale, causal: o.causal ? 1 : 0 }) as tf.Tensor4D;
}
