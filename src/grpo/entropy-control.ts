/** The entropy bonus over a run: a fixed coefficient, or one that moves towards a target as TRL's adaptive control does. */
import type { RunConfig } from '../config.ts';

/** What the adaptive control remembers between optimizer steps; part of a checkpoint. */
export interface EntropyState {
  coefficient: number;
  /** Mean entropy a token of the last optimizer step, nats; null before the first. */
  lastEntropy: number | null;
}

type Settings = Pick<
  RunConfig,
  | 'entropy_coef'
  | 'use_adaptive_entropy'
  | 'entropy_coef_min'
  | 'entropy_coef_max'
  | 'entropy_coef_delta'
  | 'entropy_target'
>;

/** Whether there is a bonus at all; an adaptive one may be 0 for a while and come back. */
export function hasEntropyBonus(config: Settings): boolean {
  return config.entropy_coef !== 0 || config.use_adaptive_entropy;
}

export function initialEntropyState(config: Settings): EntropyState {
  return { coefficient: config.entropy_coef, lastEntropy: null };
}

/** The coefficient that a step's loss uses: an adaptive one applies only after a step at or below the target. */
export function appliedCoefficient(config: Settings, state: EntropyState): number {
  if (!config.use_adaptive_entropy) return state.coefficient;
  return state.lastEntropy !== null && state.lastEntropy <= config.entropy_target ? state.coefficient : 0;
}

/**
 * The state after a step.
 *
 * @param entropy  mean over the step's tokens that the bonus acts on, nats.
 * @see TRL GRPOTrainer._compute_loss (use_adaptive_entropy)
 */
export function afterStep(config: Settings, state: EntropyState, entropy: number): EntropyState {
  if (!config.use_adaptive_entropy) return { ...state, lastEntropy: entropy };
  const moved =
    entropy <= config.entropy_target
      ? Math.min(state.coefficient + config.entropy_coef_delta, config.entropy_coef_max)
      : Math.max(state.coefficient - config.entropy_coef_delta, config.entropy_coef_min);
  return { coefficient: moved, lastEntropy: entropy };
}
