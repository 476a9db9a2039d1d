/** How well a policy does on seeds it never trained on. */
import { combineRewards } from '../grpo/rewards/combine.ts';
import type { EpisodeOutcome } from '../grpo/rewards/reward.ts';
import { rewardsOf } from '../grpo/score.ts';
import type { EvaluationResult, TaskScore } from '../protocol.ts';
import { playEpisodes, type Actor, type Episode } from '../rollout/index.ts';
import { phaseReporter, slotReporter, type RunContext } from './context.ts';
import { episodeRecord, outcome, outcomes } from './record.ts';
import { heldOutSeed } from './seeds.ts';

/** Held-out episodes a task that are kept with their screenshots; hundreds would fill the storage. */
const PICTURED = 4;

/** Plays `episodes` held-out episodes of every task, reports each, and returns the success rates. */
export async function evaluate(
  context: RunContext,
  actor: Actor,
  step: number,
  episodes: number,
): Promise<EvaluationResult> {
  const { config, runId, emit } = context;
  const specs = Array.from({ length: episodes }, (_, generation) =>
    config.tasks.map((task, group) => ({ task, seed: heldOutSeed(generation), group, generation })),
  ).flat();
  const report = phaseReporter(context, step, 'evaluating', specs.length);
  const tell = (episode: Episode, seen: EpisodeOutcome) => {
    const rewards = rewardsOf(seen, config);
    const score = { rewards, reward: combineRewards(rewards, config.reward_weights), advantage: 0 };
    const pictures = episode.spec.generation < PICTURED;
    const record = episodeRecord(episode, step, 'held-out', score, pictures);
    emit({ kind: 'episode', runId, episode: record });
  };
  const judged = config.reward_funcs.includes('custom');
  const played = await playEpisodes(context.environment, actor, specs, {
    slots: context.slots,
    maxTurns: config.max_turns,
    onTurn: slotReporter(context),
    onEpisode: (episode, ended) => {
      report(ended);
      if (!judged) tell(episode, outcome(episode, null));
    },
    gate: context.gate,
  });
  if (judged) {
    const seen = await outcomes(context.environment, played, config);
    played.forEach((episode, i) => tell(episode, seen[i]));
  }
  const result = summarise(played, config.tasks, step);
  emit({ kind: 'evaluation', runId, result });
  return result;
}

/** Success of each task and the mean of them; the standard error is that of independent binomial samples. */
export function summarise(
  episodes: readonly Episode[],
  tasks: readonly string[],
  step: number,
): EvaluationResult {
  const scores: TaskScore[] = tasks.map(task => {
    const own = episodes.filter(episode => episode.spec.task === task);
    const alive = own.filter(episode => !episode.failure);
    return {
      task,
      episodes: alive.length,
      successes: alive.filter(episode => episode.success).length,
      failed: own.length - alive.length,
    };
  });
  const counted = scores.filter(score => score.episodes > 0);
  const rates = counted.map(score => score.successes / score.episodes);
  const variance = counted.reduce((sum, score, i) => sum + (rates[i] * (1 - rates[i])) / score.episodes, 0);
  return {
    step,
    tasks: scores,
    success: rates.reduce((sum, rate) => sum + rate, 0) / counted.length,
    standardError: Math.sqrt(variance) / counted.length,
  };
}
