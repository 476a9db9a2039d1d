/** A way to learn, as the loop sees it: GRPO, or supervised learning on demonstrations. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Progress } from '../grpo/curriculum.ts';
import type { EntropyState } from '../grpo/entropy-control.ts';
import { TrainerError } from './errors.ts';

/** What a way to learn remembers between steps, besides weights and moments; plain data of a checkpoint. */
export interface MethodMemory {
  entropy?: EntropyState;
  /** How each task has gone, which a curriculum follows. */
  progress?: Progress;
}

export interface Method {
  /** Read for a checkpoint, and set from one before `prepare`. */
  memory: MethodMemory;
  /** Tensors that a checkpoint must hold besides the optimizer's, under their names there. */
  variables(): Iterable<[string, tf.Variable]>;
  /** Done once before the first step, also of a resumed run. */
  prepare(): Promise<void>;
  /** Takes the optimizer step number `step` (1 is the first) and returns its metrics. */
  step(step: number): Promise<Record<string, number>>;
  /** Whether a checkpoint after `step` steps is enough to go on exactly: nothing half-used is held in memory. */
  resumable(step: number): boolean;
  dispose(): void;
}

/** @throws {TrainerError} loss-not-finite. The optimizer then has applied nothing, and sees it by itself. */
export function assertFinite(values: { loss: number; gradNorm: number }, step: number): void {
  if (Number.isFinite(values.loss) && Number.isFinite(values.gradNorm)) return;
  throw new TrainerError('loss-not-finite', {
    message:
      `Step ${step}: the loss is ${values.loss} and the gradient norm ${values.gradNorm}, so the step was not applied. ` +
      'The last checkpoint is kept. Resume from it with a lower learning_rate, or a lower max_grad_norm.',
  });
}
