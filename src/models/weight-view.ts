/** How a forward pass reads weights: constants, variables, and linear layers with or without their LoRA branch. */
import * as tf from '@tensorflow/tfjs-core';
import type { LoraAdapter, LoraPair } from './lora/adapter.ts';
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
    const y = this.#product(path, x);
    return this.parameters.has(`${path}.bias`) ? (tf.add(y, this.get(`${path}.bias`)) as tf.Tensor2D) : y;
  }

  #product(path: string, x: tf.Tensor2D): tf.Tensor2D {
    const name = `${path}.weight`;
    const weight = this.get<tf.Rank.R2>(name);
    const lora = this.adapter?.get(path);
    if (this.parameters.isTrainable(name) || tf.getBackend() !== 'wasm') {
      const y = tf.matMul(x, weight, false, true) as tf.Tensor2D;
      if (!lora) return y;
      const low = tf.mul(tf.matMul(x, lora.a as tf.Tensor2D, false, true), lora.scaling) as tf.Tensor2D;
      return tf.add(y, tf.matMul(low, lora.b as tf.Tensor2D, false, true)) as tf.Tensor2D;
    }
    const transposed = this.parameters.transposed(name);
    return lora ? loraProduct(x, weight, transposed, lora) : frozenProduct(x, weight, transposed);
  }
}

/*
 * On wasm only XNNPACK's product of two untransposed matrices is fast (30 against 2 GFLOPS), and it packs a constant right-hand
 * side once. So frozen weights are kept both ways round, and of large operands none is ever transposed.
 */

/** x Wᵀ; no gradient into W. */
function frozenProduct(x: tf.Tensor2D, weight: tf.Tensor2D, transposed: tf.Tensor2D): tf.Tensor2D {
  return tf.customGrad((input: tf.Tensor | tf.GradSaveFunc) => ({
    value: tf.matMul(input as tf.Tensor2D, transposed),
    gradFunc: (dy: tf.Tensor) => tf.matMul(dy as tf.Tensor2D, weight),
  }))(x) as tf.Tensor2D;
}

/** x Wᵀ + scaling · (x Aᵀ) Bᵀ; no gradient into W. */
function loraProduct(
  x: tf.Tensor2D,
  weight: tf.Tensor2D,
  transposed: tf.Tensor2D,
  { a, b, scaling }: LoraPair,
): tf.Tensor2D {
  return tf.customGrad((...args) => {
    const [input, down, up] = args as tf.Tensor2D[];
    const save = args.at(-1) as unknown as tf.GradSaveFunc;
    const low = tf.mul(tf.matMul(input, tf.transpose(down)), scaling) as tf.Tensor2D;
    save([input, low, down, up]);
    return {
      value: tf.add(tf.matMul(input, transposed), tf.matMul(low, tf.transpose(up))),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedInput, savedLow, savedDown, savedUp] = saved as tf.Tensor2D[];
        const dLow = tf.mul(tf.matMul(dy as tf.Tensor2D, savedUp), scaling) as tf.Tensor2D;
        return [
          tf.add(tf.matMul(dy as tf.Tensor2D, weight), tf.matMul(dLow, savedDown)),
          tf.matMul(tf.transpose(dLow), savedInput),
          tf.transpose(tf.matMul(tf.transpose(savedLow), dy as tf.Tensor2D)),
        ];
      },
    };
  })(x, a, b) as tf.Tensor2D;
}

/** Runs `f` with nothing recorded for a gradient; for parts of a forward pass that hold nothing trainable. */
export function withoutGradient<T extends tf.Tensor>(f: () => T): T {
  const detached = tf.customGrad(() => ({ value: f(), gradFunc: () => tf.scalar(0) }));
  return tf.tidy(() => detached(tf.scalar(0))) as T;
}
