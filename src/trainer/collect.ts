/** A generation batch: groups of episodes from equal starts, scored, and made into rows. */
import type { RunConfig } from '../config.ts';
import { CodedError, toErrorInfo } from '../errors.ts';
import { hashKey } from '../gpu/index.ts';
import type { Progress } from '../grpo/curriculum.ts';
import { completionMetrics } from '../grpo/metrics.ts';
import type { EpisodeOutcome } from '../grpo/rewards/reward.ts';
import { scoreEpisodes, type Scores } from '../grpo/score.ts';
import { sampleStd } from '../grpo/statistics.ts';
import type { Episode } from '../rollout/index.ts';
import type { RunContext } from './context.ts';
import { TrainerError } from './errors.ts';
import { playGroups } from './play-groups.ts';
import { episodeRecord, outcomes } from './record.ts';
import { countTokens, episodeRows, type Row } from './rows.ts';
import { shuffled } from './seeds.ts';

export interface GenerationBatch {
  /** steps_per_generation parts; each is what one micro-step of TRL consumes. */
  parts: Row[][];
  /** Loss tokens of all parts. */
  lossTokens: number;
  metrics: Record<string, number>;
  /** Tokens read and written while sampling. */
  sampledTokens: number;
  /** What was played, for the curriculum. */
  played: { task: string; success: boolean }[];
}

/** TRL's steps_per_generation, which follows gradient_accumulation_steps where it is not set. */
export function stepsPerGeneration(config: RunConfig): number {
  return config.steps_per_generation ?? config.gradient_accumulation_steps;
}

/** A group below this standard deviation has no spread: torch.isclose's absolute tolerance, as in TRL's metric. */
const NO_SPREAD = 1e-8;

/**
 * Plays and scores the `index`-th generation batch of the run, for optimizer step `step`.
 *
 * @throws {TrainerError} environment-failed when no episode survived.
 */
export async function collect(
  context: RunContext,
  index: number,
  step: number,
  progress: Progress,
): Promise<GenerationBatch> {
  const { config } = context;
  const groups = groupCount(config);
  const size = config.num_generations;
  const episodes: Episode[] = [];
  const seen: EpisodeOutcome[] = [];
  const useful = new Set<number>();
  let replaced = 0;
  const rounds = config.zero_std_groups === 'resample' ? 1 + config.max_resample_rounds : 1;
  for (let round = 0; round < rounds && useful.size < groups; round++) {
    const played = await playGroups(context, { index, step, round, groups, progress });
    warnOfFailures(context, played.episodes);
    replaced += played.replaced;
    const judged = await outcomes(context.environment, played.episodes, config);
    const { rewards } = scoreEpisodes(judged, config);
    for (let g = 0; g < groups; g++) {
      const spread = sampleStd(rewards.subarray(g * size, (g + 1) * size)) > NO_SPREAD;
      if (useful.size < groups && (spread || config.zero_std_groups === 'keep'))
        useful.add(episodes.length / size + g);
    }
    episodes.push(...played.episodes);
    seen.push(...judged);
  }
  // A batch without any spread teaches nothing either way; it stays as the first round had it.
  const chosen = useful.size > 0 ? [...useful] : Array.from({ length: groups }, (_, g) => g);
  const kept = chosen.flatMap(g => Array.from({ length: size }, (_, i) => g * size + i));
  const all = scoreEpisodes(seen, config);
  const { advantages } = scoreEpisodes(
    kept.map(i => seen[i]),
    config,
  );
  const advantageOf = new Map(kept.map((i, place) => [i, advantages[place]]));
  report(context, episodes, step, all, advantageOf);

  const rowsOf = new Map(kept.map(i => [i, episodeRows(episodes[i], advantageOf.get(i)!, config)]));
  const order = shuffled(kept, hashKey(config.seed, index, 'split'));
  const partCount = stepsPerGeneration(config);
  const partSize = Math.ceil(order.length / partCount);
  const parts = Array.from({ length: partCount }, (_, part) =>
    order.slice(part * partSize, (part + 1) * partSize).flatMap(i => rowsOf.get(i)!),
  );
  const dropped = episodes.length / size - chosen.length;
  return {
    parts,
    lossTokens: countTokens([...rowsOf.values()].flat()),
    sampledTokens: sampledTokens(episodes),
    metrics: {
      ...all.metrics,
      ...describeEpisodes(episodes),
      ...(replaced > 0 ? { 'episodes/replaced': replaced } : {}),
      ...(config.zero_std_groups === 'keep' ? {} : { 'groups/dropped': dropped }),
    },
    played: episodes.flatMap(({ spec, success, failure }) => (failure ? [] : { task: spec.task, success })),
  };
}

function report(
  { runId, emit }: RunContext,
  episodes: readonly Episode[],
  step: number,
  scores: Scores,
  advantageOf: ReadonlyMap<number, number>,
): void {
  episodes.forEach((episode, i) => {
    const score = {
      rewards: scores.perFunction[i],
      reward: scores.rewards[i],
      advantage: advantageOf.get(i) ?? 0,
    };
    emit({ kind: 'episode', runId, episode: episodeRecord(episode, step, 'train', score, true) });
  });
}

function groupCount(config: RunConfig): number {
  const size = config.num_generations;
  const groups = (config.per_device_train_batch_size * stepsPerGeneration(config)) / size;
  if (Number.isInteger(groups)) return groups;
  throw new TrainerError('unsupported-setting', {
    message:
      `per_device_train_batch_size × steps_per_generation = ${groups * size} episodes do not divide into groups of ` +
      `num_generations = ${size}. Change one of them so that they do.`,
  });
}

function warnOfFailures({ runId, emit }: RunContext, episodes: readonly Episode[]): void {
  const failed = episodes.filter(episode => episode.failure);
  if (failed.length === 0) return;
  const what = `${failed.length} of ${episodes.length} episodes were lost to their environment, first ${failed[0].spec.task} with seed ${failed[0].spec.seed}: ${failed[0].failure}`;
  if (failed.length === episodes.length) {
    throw new TrainerError('environment-failed', {
      message: `${what} There is nothing to learn from; choose other tasks, or reload the page.`,
    });
  }
  const error = new CodedError('episodes-lost', { message: `${what} They are left out of the update.` });
  emit({ kind: 'warning', runId, error: toErrorInfo(error) });
}

function sampledTokens(episodes: readonly Episode[]): number {
  return episodes
    .flatMap(episode => (episode.failure ? [] : episode.turns))
    .reduce(
      (sum, { sample }) => sum + (sample ? sample.prompt.ids.length + sample.completionIds.length : 0),
      0,
    );
}

function describeEpisodes(episodes: readonly Episode[]): Record<string, number> {
  const alive = episodes.filter(episode => !episode.failure);
  const turns = alive.flatMap(episode => episode.turns);
  const share = (count: number, of: number) => (of > 0 ? count / of : 0);
  return {
    ...completionMetrics(
      turns.flatMap(({ sample }) =>
        sample ? { length: sample.completionIds.length, terminated: !sample.truncated } : [],
      ),
    ),
    'episodes/success': share(alive.filter(episode => episode.success).length, alive.length),
    'episodes/failed': episodes.length - alive.length,
    'episodes/turns': share(turns.length, alive.length),
    'episodes/action_errors': share(turns.filter(turn => turn.error).length, turns.length),
  };
}
