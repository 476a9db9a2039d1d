/** Scaled dot-product attention over whole sequences, with grouped heads, and its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { attentionReference } from './reference.ts';

export interface AttentionOptions {
  /** Query i of Tq sees keys 0 … Tk - Tq + i. Right padding is then exact for real tokens. */
  causal: boolean;
  /** Usually 1/√dh. */
  scale: number;
}

/**
 * softmax(scale · q kᵀ + mask) v for each head.
 *
 * @param q  [B, H, Tq, dh].
 * @param k  [B, Hk, Tk, dh] with H a multiple of Hk; query head h uses kv head ⌊h / (H / Hk)⌋.
 * @param v  as k.
 * @returns [B, H, Tq, dh].
 */
export function attention(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, o: AttentionOptions): tf.Tensor4D {
  return tf.tidy(() => attentionReference(q, k, v, o));
}
