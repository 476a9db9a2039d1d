/** A way to learn, as the loop sees it: GRPO, or supervised learning on demonstrations. */
import { TrainerError } from './errors.ts';

export interface Method {
  /** Done once before the first step, also of a resumed run. */
  prepare(): Promise<void>;
  /** Takes the optimizer step number `step` (1 is the first) and returns its metrics. */
  step(step: number): Promise<Record<string, number>>;
  /** Whether a checkpoint after `step` steps is enough to go on exactly: nothing half-used is held in memory. */
  resumable(step: number): boolean;
}

/** @throws {TrainerError} loss-not-finite. Nothing may have been applied yet. */
export function assertFinite(values: { loss: number; gradNorm: number }, step: number): void {
  if (Number.isFinite(values.loss) && Number.isFinite(values.gradNorm)) return;
  throw new TrainerError('loss-not-finite', {
    message:
      `Step ${step}: the loss is ${values.loss} and the gradient norm ${values.gradNorm}, so the step was not applied. ` +
      'The last checkpoint is kept. Resume from it with a lower learning_rate, or a lower max_grad_norm.',
  });
}
