/** How a forward pass reads weights: constants, variables, and linear layers with or without their LoRA branch. */
import * as tf from '@tensorflow/tfjs-core';
import type { LoraAdapter } from './lora/adapter.ts';
import type { Parameters } from './parameters.ts';

export class WeightView {
  constructor(
    private readonly parameters: Parameters,
    /** null leaves every LoRA branch out. */
    readonly adapter: LoraAdapter | null,
  ) {}

  get<R extends tf.Rank>(name: string): tf.Tensor<R> {
    return this.parameters.get<R>(name);
  }

  has(name: string): boolean {
    return this.parameters.has(name);
  }

  /**
   * x Wᵀ + b, plus scaling · (x Aᵀ) Bᵀ where the layer has a LoRA branch.
   * @param path  module name
   * @param x  [rows, input]
   * @returns [rows, output]
   */
  linear(path: string, x: tf.Tensor2D): tf.Tensor2D {
    let y = this.#product(`${path}.weight`, x);
    if (this.parameters.has(`${path}.bias`)) y = tf.add(y, this.get(`${path}.bias`));
    const lora = this.adapter?.get(path);
    if (!lora) return y;
    const low = tf.mul(tf.matMul(x, lora.a as tf.Tensor2D, false, true), lora.scaling) as tf.Tensor2D;
    return tf.add(y, tf.matMul(low, lora.b as tf.Tensor2D, false, true));
  }

  #product(name: string, x: tf.Tensor2D): tf.Tensor2D {
    const weight = this.get<tf.Rank.R2>(name);
    if (this.parameters.isTrainable(name) || tf.getBackend() !== 'wasm')
      return tf.matMul(x, weight, false, true);
    // XNNPACK multiplies untransposed matrices only (30 against 2 GFLOPS), and packs a constant right-hand side once.
    const transposed = this.parameters.transposed(name);
    return tf.customGrad((input: tf.Tensor | tf.GradSaveFunc) => ({
      value: tf.matMul(input as tf.Tensor2D, transposed),
      gradFunc: (dy: tf.Tensor) => tf.matMul(dy as tf.Tensor2D, weight),
    }))(x) as tf.Tensor2D;
  }
}

/** Runs `f` with nothing recorded for a gradient; for parts of a forward pass that hold nothing trainable. */
export function withoutGradient<T extends tf.Tensor>(f: () => T): T {
  const detached = tf.customGrad(() => ({ value: f(), gradFunc: () => tf.scalar(0) }));
  return tf.tidy(() => detached(tf.scalar(0))) as T;
}
