/** What a reward function sees of an episode, and what it answers. */
import type { RunConfig } from '../../config.ts';

export interface TurnOutcome {
  /** `<ExceptionClass>: <message>` that the action met, '' when it ran. */
  error: string;
  /** Tokens of the reply; 0 for an actor that is no policy. */
  tokens: number;
}

/** An episode as it ended. */
export interface EpisodeOutcome {
  /** The step reward of each turn, in order. */
  stepRewards: readonly number[];
  turns: readonly TurnOutcome[];
  /** MiniWoB's raw reward at the end, in [-1, 1]. */
  rawReward: number;
  success: boolean;
  /** True when the environment failed. Such an episode has no reward at all, whatever its numbers say. */
  failed: boolean;
  /** What the user's own function made of it; null where it does not apply or there is none. */
  custom: number | null;
}

/** Settings that some reward functions read. */
export type RewardSettings = Pick<
  RunConfig,
  'reward_threshold' | 'reward_discount' | 'max_completion_length' | 'max_turns'
>;

/** A plug-in. */
export interface Reward {
  /** Its name in reward_funcs, and in the metrics `rewards/<name>/…`. */
  readonly name: string;
  /** One sentence for the page and the command line. */
  readonly description: string;
  /** The episode's reward; null where the function does not apply, which leaves it out as TRL does with None. */
  reward(episode: EpisodeOutcome, settings: RewardSettings): number | null;
}
