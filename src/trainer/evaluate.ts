/** How well a policy does on seeds it never trained on. */
import { combineRewards } from '../grpo/rewards/combine.ts';
import type { EpisodeOutcome } from '../grpo/rewards/reward.ts';
import { rewardsOf } from '../grpo/score.ts';
import { wilsonInterval } from '../grpo/statistics.ts';
import type { EvaluationResult, SuccessRate, TaskScore } from '../protocol.ts';
import { playEpisodes, type Actor, type Episode, type EpisodeSpec } from '../rollout/index.ts';
import { phaseReporter, slotReporter, type RunContext } from './context.ts';
import { episodeRecord, outcome, outcomes } from './record.ts';
import { heldOutSeed } from './seeds.ts';

/** Held-out episodes a task that are kept with their screenshots; hundreds would fill the storage. */
const PICTURED = 4;

/**
 * Plays `episodes` held-out episodes of every task and of every eval_task, reports each, and returns the success rates.
 *
 * @param sampled  plays the training tasks once more, for `EvaluationResult.sampled`; its episodes are not reported.
 */
export async function evaluate(
  context: RunContext,
  actor: Actor,
  step: number,
  episodes: number,
  sampled: Actor | null = null,
): Promise<EvaluationResult> {
  const { config, runId, emit } = context;
  const starts = (tasks: readonly string[]): EpisodeSpec[] =>
    Array.from({ length: episodes }, (_, generation) =>
      tasks.map((task, group) => ({ task, seed: heldOutSeed(generation), group, generation })),
    ).flat();
  const specs = starts([...config.tasks, ...config.eval_tasks]);
  const again = sampled ? starts(config.tasks) : [];
  const report = phaseReporter(context, step, 'evaluating', specs.length + again.length);
  const tell = (episode: Episode, seen: EpisodeOutcome) => {
    const rewards = rewardsOf(seen, config);
    const score = { rewards, reward: combineRewards(rewards, config.reward_weights), advantage: 0 };
    const pictures = episode.spec.generation < PICTURED;
    const record = episodeRecord(episode, step, 'held-out', score, pictures);
    emit({ kind: 'episode', runId, episode: record });
  };
  const judged = config.reward_funcs.includes('custom');
  const play = (by: Actor, which: EpisodeSpec[], onEpisode: (episode: Episode, ended: number) => void) =>
    playEpisodes(context.environment, by, which, {
      slots: context.slots,
      maxTurns: config.max_turns,
      onTurn: slotReporter(context),
      onEpisode,
      gate: context.gate,
    });
  const played = await play(actor, specs, (episode, ended) => {
    report(ended);
    if (!judged) tell(episode, outcome(episode, null));
  });
  if (judged) {
    const seen = await outcomes(context.environment, played, config);
    played.forEach((episode, i) => tell(episode, seen[i]));
  }
  const result: EvaluationResult = { step, ...successRate(played, config.tasks) };
  if (config.eval_tasks.length > 0) result.unseen = successRate(played, config.eval_tasks);
  if (sampled) {
    const others = await play(sampled, again, (_, ended) => report(specs.length + ended));
    result.sampled = successRate(others, config.tasks);
  }
  emit({ kind: 'evaluation', runId, result });
  return result;
}

/** Success of each task and the mean of them; the standard error is that of independent binomial samples. */
export function successRate(episodes: readonly Episode[], tasks: readonly string[]): SuccessRate {
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
  const total = (of: 'successes' | 'episodes') => counted.reduce((sum, score) => sum + score[of], 0);
  return {
    tasks: scores,
    success: rates.reduce((sum, rate) => sum + rate, 0) / counted.length,
    standardError: Math.sqrt(variance) / counted.length,
    interval: wilsonInterval(total('successes'), total('episodes')),
  };
}
