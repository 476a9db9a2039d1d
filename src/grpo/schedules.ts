/** The learning rate over a run: a warm-up, then a shape. */
import type { RunConfig } from '../config.ts';

/** What a schedule multiplies learning_rate by at `step`, with `warmup` of `total` steps rising linearly from 0. */
type Schedule = (step: number, warmup: number, total: number) => number;

const rising = (step: number, warmup: number) => step / Math.max(1, warmup);
const progress = (step: number, warmup: number, total: number) =>
  (step - warmup) / Math.max(1, total - warmup);

/** transformers' schedules under their lr_scheduler_type names. */
export const SCHEDULES: Record<RunConfig['lr_scheduler_type'], Schedule> = {
  linear: (step, warmup, total) =>
    step < warmup ? rising(step, warmup) : Math.max(0, (total - step) / Math.max(1, total - warmup)),
  cosine: (step, warmup, total) =>
    step < warmup
      ? rising(step, warmup)
      : Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress(step, warmup, total)))),
  constant: () => 1,
  constant_with_warmup: (step, warmup) => (step < warmup ? rising(step, warmup) : 1),
};

/**
 * The learning rate of one optimizer step.
 *
 * @param step  optimizer steps already taken: 0 for the first, whose rate is 0 when there is a warm-up.
 * @param totalSteps  optimizer steps of the whole run.
 * @see transformers.optimization (get_linear_schedule_with_warmup and its neighbours)
 */
export function learningRate(
  config: Pick<RunConfig, 'lr_scheduler_type' | 'warmup_steps' | 'learning_rate'>,
  step: number,
  totalSteps: number,
): number {
  const warmup = warmupSteps(config.warmup_steps, totalSteps);
  return config.learning_rate * SCHEDULES[config.lr_scheduler_type](step, warmup, totalSteps);
}

/** transformers' reading of warmup_steps: steps when at least 1, else the share of the run, rounded up. */
export function warmupSteps(warmup: number, totalSteps: number): number {
  return warmup >= 1 ? Math.trunc(warmup) : Math.ceil(totalSteps * warmup);
}
