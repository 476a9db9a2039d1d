/** Gradient checkpointing: keep a block's inputs, recompute its inside when the gradient comes. */
import * as tf from '@tensorflow/tfjs-core';
import { activeTape } from './internals.ts';

/**
 * `f` with the same value and gradients, whose intermediate tensors are not kept for the backward pass.
 *
 * @param f  a pure function of tensors; a variable that it captures instead of taking as an argument gets no gradient.
 */
export function checkpoint(f: (...inputs: tf.Tensor[]) => tf.Tensor): (...inputs: tf.Tensor[]) => tf.Tensor {
  return tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const inputs = args as tf.Tensor[];
    save(inputs);
    return {
      value: f(...inputs),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        // A nested tf.grads sets the outer tape to null, and the outer backward pass then crashes.
        const tape = activeTape();
        const outer = tape.get();
        try {
          return tf.grads(f)(saved, dy);
        } finally {
          tape.set(outer);
        }
      },
    };
  });
}
