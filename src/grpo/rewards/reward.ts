/** What a reward function sees of an episode, and what it answers. */

/** An episode as it ended. */
export interface EpisodeOutcome {
  /** The step reward of each turn, in order. */
  stepRewards: readonly number[];
  /** MiniWoB's raw reward at the end, in [-1, 1]. */
  rawReward: number;
  success: boolean;
  /** True when the environment failed. Such an episode has no reward at all, whatever its numbers say. */
  failed: boolean;
}

/** A plug-in. */
export interface Reward {
  /** Its name in reward_funcs, and in the metrics `rewards/<name>/…`. */
  readonly name: string;
  /** One sentence for the page and the command line. */
  readonly description: string;
  /** The episode's reward; null where the function does not apply, which leaves it out as TRL does with None. */
  reward(episode: EpisodeOutcome): number | null;
}
