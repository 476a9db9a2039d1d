/** Rotary position embedding in the half-split layout of Llama and LFM2, and its gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { rotaryReference } from './reference.ts';

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
  return tf.tidy(() => rotaryReference(x, cos, sin));
}
