/** One AdamW update of one tensor: one dispatch on webgpu, where tf.train.adam takes 14. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { grid, onHeap, params } from '../../fused.ts';
import { tensorOf, type WasmBackend } from '../../internals.ts';
import { adamWHeap } from './heap.ts';
import type { GradientClip } from './clip.ts';
import { adamWWgsl } from './kernel.wgsl.ts';

export interface AdamWOptions {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Decoupled: w shrinks by learningRate · weightDecay before the step. */
  weightDecay: number;
  /** 1 for the first update. */
  step: number;
  /** Multiplies the gradient. */
  gradScale: number;
  /** Multiplies it as well, or keeps the step from being taken. */
  clip?: GradientClip;
}

/**
 * Updates w, m and v in place, as torch.optim.AdamW does. On webgpu the buffers themselves change, and tensors made by clone,
 * reshape or tf.variable(tensor) share one: give every variable a tensor of its own.
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
  const gpu = gpuBackend();
  if (gpu) {
    const f32 = [o.learningRate, o.beta1, o.beta2, o.epsilon, o.weightDecay];
    const corrections = [1 / (1 - o.beta1 ** o.step), 1 / (1 - o.beta2 ** o.step)];
    const numbers = params(w.size, ...[...f32, ...corrections, o.gradScale].map(f32 => ({ f32 })));
    const clip = o.clip?.tensor;
    const [key, code] = clip ? ['adamw-clipped', adamWWgsl(true)] : ['adamw', adamWWgsl(false)];
    gpu.dispatch(key, code, [w, grad, m, v, ...(clip ? [clip] : [])], numbers, grid(w.size));
    for (const changed of [w, m, v]) gpu.touched(changed);
    return;
  }
  const clip = o.clip?.known ?? { factor: 1, finite: true };
  if (!clip.finite) return;
  tf.tidy(() => {
    // New memory for the weights: XNNPACK keeps a packed copy of a product's right operand while that tensor lives.
    const fill = (out: Float32Array, ...views: Float32Array[]): void => {
      const [w, g, m, v] = views;
      adamWHeap(out, w, g, m, v, { ...o, gradScale: o.gradScale * clip.factor });
    };
    w.assign(tensorOf(onHeap(tf.backend() as WasmBackend, w.shape, [w, grad, m, v], fill)));
  });
}
