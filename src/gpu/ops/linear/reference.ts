/**
 * The linear layer from stock tfjs ops, which is what wasm runs: only XNNPACK's product of two untransposed matrices is fast
 * there (30 against 2 GFLOP/s), and it packs a constant right-hand side once. So the weight is kept both ways round, and of
 * large operands none is ever transposed.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { PackedWeight } from '../../packed/index.ts';
import type { LinearAttrs, LinearInputs, LoraBranch } from './op.ts';

export function forwardReference(
  { x, a, b, bias }: LinearInputs<tf.Tensor2D>,
  { weight, scaling }: LinearAttrs,
): tf.Tensor2D {
  return tf.tidy(() => {
    let y: tf.Tensor2D = tf.matMul(x, weight.heapTransposed());
    if (a && b) {
      const low = tf.mul(tf.matMul(x, tf.transpose(a)), scaling) as tf.Tensor2D;
      y = tf.add(y, tf.matMul(low, tf.transpose(b)));
    }
    return bias ? tf.add(y, bias) : y;
  });
}

export function gradInputReference(
  dy: tf.Tensor2D,
  weight: PackedWeight,
  lora: LoraBranch | null,
): tf.Tensor2D {
  return tf.tidy(() => {
    const dx: tf.Tensor2D = tf.matMul(dy, weight.heapValue());
    if (!lora) return dx;
    const dLow = tf.mul(tf.matMul(dy, lora.b), lora.scaling) as tf.Tensor2D;
    return tf.add(dx, tf.matMul(dLow, lora.a));
  });
}

/** Gradient by A. */
export function gradDownReference(dy: tf.Tensor2D, x: tf.Tensor2D, { b, scaling }: LoraBranch): tf.Tensor2D {
  return tf.tidy(() => {
    const dLow = tf.mul(tf.matMul(dy, b), scaling) as tf.Tensor2D;
    return tf.matMul(tf.transpose(dLow) as tf.Tensor2D, x);
  });
}

/** Gradient by B. */
export function gradUpReference(dy: tf.Tensor2D, x: tf.Tensor2D, { a, scaling }: LoraBranch): tf.Tensor2D {
  return tf.tidy(() => {
    const low = tf.mul(tf.matMul(x, tf.transpose(a)), scaling) as tf.Tensor2D;
    return tf.transpose(tf.matMul(tf.transpose(low) as tf.Tensor2D, dy)) as tf.Tensor2D;
  });
}
