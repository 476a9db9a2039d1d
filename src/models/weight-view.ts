/** How a forward pass reads weights: constants, variables, and linear layers with or without their LoRA branch. */
import * as tf from '@tensorflow/tfjs-core';
import {
  checkpoint,
  dropout,
  embed,
  embedPacked,
  gpuBackend,
  hashKey,
  linear,
  PackedWeight,
  rmsNorm,
  type LoraBranch,
} from '../gpu/index.ts';
import type { LoraAdapter } from './lora/adapter.ts';
import type { Parameters } from './parameters.ts';

export class WeightView {
  constructor(
    private readonly parameters: Parameters,
    /** null leaves every LoRA branch out. */
    readonly adapter: LoraAdapter | null,
    /** Names the masks of the adapter's dropout; null for a forward pass without, which is every one but the update's. */
    readonly dropoutKey: number | null = null,
    /** Whether `block` computes again what a gradient needs instead of keeping it. */
    readonly recomputes = false,
  ) {}

  /** The same weights for another part of one forward pass, whose dropout draws its own masks. */
  again(part: number): WeightView {
    const key = this.dropoutKey === null ? null : hashKey(this.dropoutKey, part);
    return new WeightView(this.parameters, this.adapter, key, this.recomputes);
  }

  /**
   * A part of a forward pass, such as a layer.
   * @param path  what the names of all its weights begin with
   * @param f  reads nothing that trains but those, and no other tensor than its arguments: when it is computed again, what
   *   the forward pass made is gone
   * @param constants  what it needs besides x, without a gradient; they follow x
   */
  block(
    path: string,
    x: tf.Tensor2D,
    f: (x: tf.Tensor2D, ...constants: tf.Tensor2D[]) => tf.Tensor2D,
    constants: readonly tf.Tensor2D[] = [],
  ): tf.Tensor2D {
    // What only this part needs goes at its end: without a gradient a pass then holds one layer, not all of them.
    if (!this.recomputes) return tf.tidy(() => f(x, ...constants));
    const variables = [...this.parameters.variables(path), ...(this.adapter?.variables(path) ?? [])];
    const run = f as unknown as (...inputs: tf.Tensor[]) => tf.Tensor;
    return checkpoint(run, { variables, constants })(x) as tf.Tensor2D;
  }

  get<R extends tf.Rank>(name: string): tf.Tensor<R> {
    return this.parameters.get<R>(name);
  }

  /** A matrix as it is held: packed, or a float32 tensor. */
  matrix(name: string): tf.Tensor2D | PackedWeight {
    return this.parameters.matrix(name);
  }

  has(name: string): boolean {
    return this.parameters.has(name);
  }

  /** Rows of a table by id; with a gradient into the table where it trains. */
  embed(name: string, ids: tf.Tensor1D): tf.Tensor2D {
    const table = this.parameters.matrix(name);
    return table instanceof PackedWeight ? embedPacked(table, ids) : embed(table, ids);
  }

  /** @param path  module name */
  rmsNorm(path: string, x: tf.Tensor2D, eps: number): tf.Tensor2D {
    return rmsNorm(x, this.get<tf.Rank.R1>(`${path}.weight`), eps) as tf.Tensor2D;
  }

  /**
   * x Wᵀ + b, plus scaling · (dropout(x) Aᵀ) Bᵀ where the layer has a LoRA branch, plus `residual`.
   * @param path  module name
   * @param x  [rows, input]
   * @param residual  [rows, output], which the result goes on top of: no pass of its own on webgpu where the matrix is frozen
   * @returns [rows, output]
   */
  linear(path: string, x: tf.Tensor2D, residual?: tf.Tensor2D): tf.Tensor2D {
    const name = `${path}.weight`;
    const frozen = this.parameters.frozen(name);
    if (residual && !(frozen && gpuBackend())) return tf.add(residual, this.linear(path, x));
    const bias = this.parameters.has(`${path}.bias`) ? this.get<tf.Rank.R1>(`${path}.bias`) : undefined;
    const branch = this.adapter?.get(path);
    const lora = branch && { ...branch, a: branch.a as tf.Tensor2D, b: branch.b as tf.Tensor2D };
    const rate = this.adapter?.config.dropout ?? 0;
    if (frozen && lora && rate > 0 && this.dropoutKey !== null) {
      const kept = dropout(x, rate, hashKey(this.dropoutKey, path)) as tf.Tensor2D;
      return tf.add(linear(x, frozen, { bias, residual }), branchOf(kept, lora)) as tf.Tensor2D;
    }
    if (frozen) return linear(x, frozen, { lora, bias, residual });
    const y = tf.matMul(x, this.get<tf.Rank.R2>(name), false, true) as tf.Tensor2D;
    return bias ? (tf.add(y, bias) as tf.Tensor2D) : y;
  }
}

/** scaling · (x Aᵀ) Bᵀ by itself: the fused layer has one input for both of its parts. */
function branchOf(x: tf.Tensor2D, { a, b, scaling }: LoraBranch): tf.Tensor2D {
  return tf.mul(tf.matMul(tf.matMul(x, a, false, true), b, false, true), scaling);
}

/** Runs `f` with nothing recorded for a gradient; for parts of a forward pass that hold nothing trainable. */
export function withoutGradient<T extends tf.Tensor>(f: () => T): T {
  const detached = tf.customGrad(() => ({ value: f(), gradFunc: () => tf.scalar(0) }));
  return tf.tidy(() => detached(tf.scalar(0))) as T;
}
