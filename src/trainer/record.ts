/** Episodes as the page and the storage keep them. */
import type { RunConfig } from '../config.ts';
import type { EpisodeOutcome } from '../grpo/rewards/reward.ts';
import type { EnvironmentService, EpisodeRecord, JudgedEpisode } from '../protocol.ts';
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

/** What the reward functions see. @param custom  what the user's own function made of it */
export function outcome(episode: Episode, custom: number | null): EpisodeOutcome {
  const { stepRewards, rawReward, success, failure } = episode;
  const turns = episode.turns.map(({ error, sample }) => ({
    error,
    tokens: sample?.completionIds.length ?? 0,
  }));
  return { stepRewards, turns, rawReward, success, failed: failure !== '', custom };
}

/** Outcomes of finished episodes; the user's own function judges those whose environment held. */
export async function outcomes(
  environment: EnvironmentService,
  episodes: readonly Episode[],
  config: Pick<RunConfig, 'reward_funcs' | 'custom_reward'>,
): Promise<EpisodeOutcome[]> {
  if (!config.reward_funcs.includes('custom')) return episodes.map(episode => outcome(episode, null));
  const sound = episodes.filter(episode => !episode.failure);
  const judged = new Map<Episode, number | null>();
  const answers = await environment.judge(config.custom_reward ?? '', sound.map(judgedEpisode));
  sound.forEach((episode, i) => judged.set(episode, answers[i]));
  return episodes.map(episode => outcome(episode, judged.get(episode) ?? null));
}

function judgedEpisode({ spec, goal, turns, rawReward, success }: Episode): JudgedEpisode {
  return {
    task: spec.task,
    seed: spec.seed,
    goal,
    turns: turns.map(({ completion, action, error, reward, rawReward: raw, sample }) => ({
      text: completion,
      action,
      error,
      reward,
      rawReward: raw,
      tokens: sample?.completionIds.length ?? 0,
    })),
    rawReward,
    success,
  };
}
