/** The causal depthwise convolution of LFM2's short-convolution blocks, and its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { shortConvReference } from './reference.ts';

/**
 * out[b, t, d] = Σ_l kernel[d, l] · u[b, t - (L - 1) + l, d], with zeros before the start (PyTorch's Conv1d with
 * groups = D and padding L - 1, cut to T).
 *
 * @param u  [B, T, D].
 * @param kernel  [D, L], any L ≥ 1.
 * @returns [B, T, D].
 */
export function shortConv(u: tf.Tensor3D, kernel: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => shortConvReference(u, kernel));
}
