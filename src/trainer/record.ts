/** Episodes as the page and the storage keep them. */
import type { EpisodeRecord } from '../protocol.ts';
import type { Episode } from '../rollout/index.ts';

export interface EpisodeScore {
  rewards: number[];
  reward: number;
  advantage: number;
}

/** @param pictures  false leaves the screenshots out, which are nearly all of a record's size. */
export function episodeRecord(
  episode: Episode,
  step: number,
  split: EpisodeRecord['split'],
  score: EpisodeScore,
  pictures: boolean,
): EpisodeRecord {
  const { spec, goal, turns, rawReward, success, failure } = episode;
  return {
    step,
    ...spec,
    goal,
    turns: turns.map(turn => ({
      prompt: turn.promptText,
      screenshot: pictures ? turn.screenshot : null,
      completion: turn.completion,
      completionIds: Array.from(turn.sample?.completionIds ?? []),
      logps: Array.from(turn.sample?.logps ?? []),
      action: turn.action,
      error: turn.error,
      reward: turn.reward,
    })),
    ...score,
    rawReward,
    success,
    failure,
    split,
  };
}

/** What the reward functions see. */
export function outcome({ stepRewards, rawReward, success, failure }: Episode) {
  return { stepRewards, rawReward, success, failed: failure !== '' };
}
