/** A linear layer on a frozen packed weight, with its LoRA branch, its bias and the sum it goes into folded in. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { fuse } from '../../fused.ts';
import { tensorOf } from '../../internals.ts';
import { PackedWeight } from '../../packed/index.ts';
import { forward, gradBranch, gradInput, lowGradient } from './record.ts';
import { forwardReference, gradDownReference, gradInputReference, gradUpReference } from './reference.ts';

export interface LoraBranch {
  /** [rank, K] */
  a: tf.Tensor2D;
  /** [N, rank] */
  b: tf.Tensor2D;
  scaling: number;
}

export interface LinearOptions {
  lora?: LoraBranch;
  /** [N] */
  bias?: tf.Tensor1D;
  /** [rows, N], added to the result. */
  residual?: tf.Tensor2D;
}

type Input = 'x' | 'a' | 'b' | 'bias' | 'residual';

export interface LinearAttrs {
  weight: PackedWeight;
  scaling: number;
}

export type LinearInputs<T> = { x: T } & Partial<Record<Exclude<Input, 'x'>, T>>;

/** One kernel for each set of inputs that there is. */
function linearKernel(name: string, inputs: readonly Input[]): ReturnType<typeof fuse<Input, LinearAttrs>> {
  return fuse<Input, LinearAttrs>({
    name,
    inputs,
    webgpu: (gpu, tensors, attrs) => forward(gpu, tensors, attrs),
    wasm: (_, tensors, attrs) => forwardReference(tensors as LinearInputs<tf.Tensor2D>, attrs),
    gradient: (dy, tensors, attrs, low) => {
      const gpu = gpuBackend();
      const given = tensors as LinearInputs<tf.Tensor2D>;
      const lora = given.a && given.b ? { a: given.a, b: given.b, scaling: attrs.scaling } : null;
      const dLow = gpu && lora ? tensorOf<tf.Rank.R2>(lowGradient(gpu, dy, lora)) : null;
      // Here, not in the thunks: each has a tidy of its own, and one pass gives both.
      const [dA, dB] =
        gpu && lora ? gradBranch(gpu, given.x, dy, low, dLow!, lora.scaling).map(tensorOf) : [];
      return {
        x: () =>
          gpu
            ? tensorOf(gradInput(gpu, dy, attrs.weight, dLow, lora))
            : gradInputReference(dy as tf.Tensor2D, attrs.weight, lora),
        a: () => (gpu ? dA : gradDownReference(dy as tf.Tensor2D, given.x, lora!)),
        b: () => (gpu ? dB : gradUpReference(dy as tf.Tensor2D, given.x, lora!)),
        bias: () => tf.sum(dy, 0),
        residual: () => tf.clone(dy),
      };
    },
  });
}

const SETS: Input[][] = [['x'], ['x', 'a', 'b']]
  .flatMap(set => [set, [...set, 'bias']])
  .flatMap(set => [set, [...set, 'residual']]) as Input[][];

const KERNELS = new Map(SETS.map(set => [set.join(), linearKernel(`Linear ${set.join()}`, set)]));

/** x Wᵀ whether W is packed and frozen, or a tensor that may train. */
export function timesTransposed(x: tf.Tensor2D, weight: tf.Tensor2D | PackedWeight): tf.Tensor2D {
  return weight instanceof PackedWeight ? linear(x, weight) : tf.matMul(x, weight, false, true);
}

/**
 * x Wᵀ + bias + scaling · (x Aᵀ) Bᵀ + residual. Gradients by x, A, B, bias and residual; none by W.
 *
 * @param x  [rows, K], any number of rows.
 * @param weight  [N, K].
 * @returns [rows, N].
 * @throws {RangeError} when the shapes do not fit.
 * @see Hu et al. 2021 (LoRA)
 */
export function linear(x: tf.Tensor2D, weight: PackedWeight, o: LinearOptions = {}): tf.Tensor2D {
  const { lora, bias, residual } = o;
  const [N, K] = weight.shape;
  const wrong =
    x.shape[1] !== K ||
    (bias && bias.size !== N) ||
    (residual && !tf.util.arraysEqual(residual.shape, [x.shape[0], N])) ||
    (lora && (lora.a.shape[1] !== K || lora.b.shape[0] !== N || lora.a.shape[0] !== lora.b.shape[1]));
  if (wrong)
    throw new RangeError(`A [${N}, ${K}] layer cannot take [${x.shape}] with that bias, branch or sum.`);
  if (residual && !gpuBackend()) return tf.tidy(() => tf.add(residual, linear(x, weight, { lora, bias })));
  const inputs = {
    x,
    ...(lora && { a: lora.a, b: lora.b }),
    ...(bias && { bias }),
    ...(residual && { residual }),
  };
  const kernel = KERNELS.get(Object.keys(inputs).join())!;
  const attrs = { weight, scaling: lora?.scaling ?? 0 };
  return kernel(inputs as Record<Input, tf.Tensor>, attrs) as tf.Tensor2D;
}
