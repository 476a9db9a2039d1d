/** Gradient checkpointing: keep a block's inputs, recompute its inside when the gradient comes. */
import * as tf from '@tensorflow/tfjs-core';
import { activeTape } from './internals.ts';

/** What a checkpointed function uses besides its arguments. */
export interface Captured {
  /** It reads these itself, and they get gradients. One that is not named here gets none. */
  variables?: readonly tf.Tensor[];
  /**
   * They follow its arguments and get no gradient. A tensor that it captures in another way may be gone when it is computed
   * again: the tape keeps alive what it knows of.
   */
  constants?: readonly tf.Tensor[];
}

/**
 * `f` with the same value and gradients, whose intermediate tensors are not kept for the backward pass.
 *
 * @param f  gives the same for the same tensors whenever it is called.
 */
export function checkpoint(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  { variables = [], constants = [] }: Captured = {},
): (...inputs: tf.Tensor[]) => tf.Tensor {
  return (...inputs) => {
    const run = tf.customGrad((...args) => {
      const save = args.pop() as unknown as tf.GradSaveFunc;
      save([...inputs, ...constants]);
      return {
        value: f(...inputs, ...constants),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
          const xs = [...saved.slice(0, inputs.length), ...variables];
          // A nested gradient sets the outer tape to null, and the outer backward pass then crashes.
          const tape = activeTape();
          const outer = tape.get();
          try {
            return tf.tidy(() => {
              const { grads } = tf.engine().gradients(() => f(...saved), xs, dy, true);
              return xs.map((x, i) => (grads[i] as tf.Tensor | undefined) ?? tf.zerosLike(x));
            });
          } finally {
            tape.set(outer);
          }
        },
      };
    });
    return run(...inputs, ...variables);
  };
}
