/** A generation batch: groups of episodes from equal starts, scored, and made into rows. */
import type { RunConfig } from '../config.ts';
import { CodedError, toErrorInfo } from '../errors.ts';
import { hashKey } from '../gpu/index.ts';
import { completionMetrics } from '../grpo/metrics.ts';
import { scoreEpisodes } from '../grpo/score.ts';
import { playEpisodes, policyActor, type Episode, type EpisodeSpec } from '../rollout/index.ts';
import { phaseReporter, slotReporter, trainingSampling, type RunContext } from './context.ts';
import { TrainerError } from './errors.ts';
import { episodeRecord, outcome } from './record.ts';
import { countTokens, episodeRows, type Row } from './rows.ts';
import { groupStart, shuffled } from './seeds.ts';

export interface GenerationBatch {
  /** steps_per_generation parts; each is what one micro-step of TRL consumes. */
  parts: Row[][];
  /** Loss tokens of all parts. */
  lossTokens: number;
  metrics: Record<string, number>;
  /** Tokens read and written while sampling. */
  sampledTokens: number;
}

/** TRL's steps_per_generation, which follows gradient_accumulation_steps where it is not set. */
export function stepsPerGeneration(config: RunConfig): number {
  return config.steps_per_generation ?? config.gradient_accumulation_steps;
}

/**
 * Plays and scores the `index`-th generation batch of the run, for optimizer step `step`.
 *
 * @throws {TrainerError} environment-failed when no episode survived.
 */
export async function collect(context: RunContext, index: number, step: number): Promise<GenerationBatch> {
  const { config, policy, runId, emit } = context;
  const specs = groupSpecs(config, index);
  const actor = policyActor(policy, context.prompt, trainingSampling(config), (spec, turn) =>
    hashKey(config.seed, index, spec.group, spec.generation, turn, 'sample'),
  );
  const report = phaseReporter(context, step, 'rolling-out', specs.length);
  const episodes = await playEpisodes(context.environment, actor, specs, {
    slots: context.slots,
    maxTurns: config.max_turns,
    onTurn: slotReporter(context),
    onEpisode: (_, ended) => report(ended),
    gate: context.gate,
    following: groupSpecs(config, index + 1),
  });
  warnOfFailures(context, episodes);

  const scores = scoreEpisodes(episodes.map(outcome), config);
  episodes.forEach((episode, i) => {
    const score = {
      rewards: scores.perFunction[i],
      reward: scores.rewards[i],
      advantage: scores.advantages[i],
    };
    emit({ kind: 'episode', runId, episode: episodeRecord(episode, step, 'train', score, true) });
  });

  const rowsOf = episodes.map((episode, i) => episodeRows(episode, scores.advantages[i], config));
  const order = shuffled(
    episodes.map((_, i) => i),
    hashKey(config.seed, index, 'split'),
  );
  const size = config.per_device_train_batch_size;
  const parts = Array.from({ length: stepsPerGeneration(config) }, (_, part) =>
    order.slice(part * size, (part + 1) * size).flatMap(i => rowsOf[i]),
  );
  const rows = rowsOf.flat();
  return {
    parts,
    lossTokens: countTokens(rows),
    sampledTokens: rows.reduce((sum, { sequence: s }) => sum + s.prompt.ids.length + s.completion.length, 0),
    metrics: { ...scores.metrics, ...describeEpisodes(episodes) },
  };
}

function groupSpecs(config: RunConfig, index: number): EpisodeSpec[] {
  const size = config.num_generations;
  const groups = (config.per_device_train_batch_size * stepsPerGeneration(config)) / size;
  if (!Number.isInteger(groups)) {
    throw new TrainerError('unsupported-setting', {
      message:
        `per_device_train_batch_size × steps_per_generation = ${groups * size} episodes do not divide into groups of ` +
        `num_generations = ${size}. Change one of them so that they do.`,
    });
  }
  return Array.from({ length: groups * size }, (_, i) => {
    const group = Math.floor(i / size);
    return { ...groupStart(config.seed, config.tasks, index * groups + group), group, generation: i % size };
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
