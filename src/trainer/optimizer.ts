/** AdamW over the trainable variables, with gradients summed over micro-batches first. */
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config.ts';
import { adamWStep, addAll, clipGradients, type GradientClip } from '../gpu/index.ts';
import type { TrainableParameter } from '../models/policy.ts';

interface Slot extends TrainableParameter {
  m: tf.Variable;
  v: tf.Variable;
  /** Sum over micro-batches; null means zero. */
  grad: tf.Tensor | null;
}

export type OptimizerConfig = Pick<
  RunConfig,
  'adam_beta1' | 'adam_beta2' | 'adam_epsilon' | 'weight_decay' | 'max_grad_norm'
>;

export class Optimizer {
  readonly #slots: Slot[];
  /** Updates applied so far. */
  updates = 0;
  /**
   * An update was recorded that nobody has confirmed: had the GPU rejected what led to it, as it does without memory, the
   * weights would be of no use.
   */
  unconfirmed = false;

  constructor(
    parameters: readonly TrainableParameter[],
    readonly config: OptimizerConfig,
  ) {
    this.#slots = parameters.map(({ name, variable }) => ({
      name,
      variable,
      m: tf.tidy(() => tf.variable(tf.zerosLike(variable), false)),
      v: tf.tidy(() => tf.variable(tf.zerosLike(variable), false)),
      grad: null,
    }));
  }

  /**
   * Differentiates `loss` and adds its gradients to those of the step.
   * @returns the loss; the caller disposes of it.
   */
  accumulate(loss: () => tf.Scalar): tf.Scalar {
    const { value, grads } = tf.variableGrads(
      loss,
      this.#slots.map(slot => slot.variable),
    );
    const summed: { slot: Slot; pair: [tf.Tensor, tf.Tensor] }[] = [];
    for (const slot of this.#slots) {
      const grad = grads[slot.variable.name] as tf.Tensor | undefined;
      if (!grad) continue;
      if (slot.grad) summed.push({ slot, pair: [slot.grad, grad] });
      else slot.grad = grad;
    }
    const sums = addAll(summed.map(({ pair }) => pair));
    for (const [i, { slot }] of summed.entries()) slot.grad = sums[i];
    return value;
  }

  /**
   * Clips, updates every variable and forgets the gradients. A variable without gradient is updated with zeros, as torch
   * does for a loss of zero: its moments decay and still move it. All of it is recorded before this returns, and nothing is
   * read before that: a GPU goes on without waiting for an answer.
   *
   * @param losses  where one of them, or a gradient, is not finite, nothing is changed.
   * @returns the global L2 norm of the summed gradients before clipping, once it is there.
   */
  apply(learningRate: number, losses: readonly tf.Tensor[]): Promise<number> {
    this.updates++;
    this.unconfirmed = true;
    const { config } = this;
    const grads = this.#slots.flatMap(slot => slot.grad ?? []);
    const clip = clipGradients(grads, config.max_grad_norm, losses);
    for (const slot of this.#slots) {
      const grad = slot.grad ?? tf.zerosLike(slot.variable);
      adamWStep(slot.variable, grad, slot.m, slot.v, {
        learningRate,
        beta1: config.adam_beta1,
        beta2: config.adam_beta2,
        epsilon: config.adam_epsilon,
        weightDecay: config.weight_decay,
        step: this.updates,
        gradScale: 1,
        clip,
      });
      grad.dispose();
      slot.grad = null;
    }
    return this.#outcome(clip);
  }

  /** To be called once `checkGpu` has found no fault with the update. */
  confirm(): void {
    this.unconfirmed = false;
  }

  async #outcome(clip: GradientClip): Promise<number> {
    try {
      const { norm, applied } = await clip.read();
      if (!applied) this.updates--;
      return norm;
    } finally {
      clip.dispose();
    }
  }

  /** Drops gradients that must not be applied. */
  discard(): void {
    for (const slot of this.#slots) {
      slot.grad?.dispose();
      slot.grad = null;
    }
  }

  /** What a checkpoint holds: weights and moments under their names there. */
  *variables(): Iterable<[string, tf.Variable]> {
    for (const { name, variable, m, v } of this.#slots) {
      yield [`weight/${name}`, variable];
      yield [`m/${name}`, m];
      yield [`v/${name}`, v];
    }
  }

  /** Frees the moments; the weights are the policy's. */
  dispose(): void {
    this.discard();
    for (const { m, v } of this.#slots) tf.dispose([m, v]);
  }
}
