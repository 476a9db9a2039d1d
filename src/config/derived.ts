/** Numbers that follow from a configuration. */
import type { RunConfig } from '../config.ts';

export interface Derived {
  /** TRL's default: gradient_accumulation_steps where steps_per_generation is null. */
  steps_per_generation: number;
  /** Episodes that are played at once. */
  generation_batch_size: number;
  /** Groups among them: different pairs of task and seed. */
  prompts_per_generation: number;
  /** Optimizer steps that one generation batch feeds; below 1 when an optimizer step takes several. */
  steps_per_generation_batch: number;
  /** Episodes played in the whole run. */
  episodes: number;
}

/** @see TRL GRPOConfig.__post_init__ and GRPOTrainer._prepare_inputs */
export function derived(
  config: Pick<
    RunConfig,
    | 'per_device_train_batch_size'
    | 'gradient_accumulation_steps'
    | 'steps_per_generation'
    | 'num_generations'
    | 'num_iterations'
    | 'max_steps'
  >,
): Derived {
  const steps_per_generation = config.steps_per_generation ?? config.gradient_accumulation_steps;
  const generation_batch_size = config.per_device_train_batch_size * steps_per_generation;
  const steps_per_generation_batch =
    (steps_per_generation * config.num_iterations) / config.gradient_accumulation_steps;
  return {
    steps_per_generation,
    generation_batch_size,
    prompts_per_generation: generation_batch_size / config.num_generations,
    steps_per_generation_batch,
    episodes: Math.ceil(config.max_steps / steps_per_generation_batch) * generation_batch_size,
  };
}
