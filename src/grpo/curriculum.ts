/** Which task a group plays: mixtures with weights, and curricula that follow what has been learnt. Arithmetic on numbers at hand. */
import type { RunConfig } from '../config.ts';

/** How a task has gone in training so far; part of a checkpoint. */
export interface TaskProgress {
  /** Success of the episodes played, the latest weighing most. */
  success: number;
  episodes: number;
}

export type Progress = Record<string, TaskProgress>;

type Settings = Pick<RunConfig, 'tasks' | 'task_weights' | 'curriculum' | 'curriculum_threshold'>;

/** Episodes over which an old one loses all but 1/e of its weight. */
const MEMORY = 64;

/** Episodes before a task's success is believed. */
const ENOUGH = 16;

/** Under a curriculum by success, the least share that a task keeps of its weight, so that one that was lost is noticed. */
const LEAST = 0.05;

/** Whether tasks are drawn by weight; otherwise every task comes once before any comes again. */
export function isWeighted({ task_weights, curriculum }: Settings): boolean {
  return task_weights !== null || curriculum !== 'none';
}

/**
 * The weight of each task now, not normalised.
 *
 * `success`: success · (1 - success), the spread of a group's rewards, which is what GRPO learns from; tasks that are not
 * known yet count as half solved. `order`: only tasks whose predecessors have all reached curriculum_threshold.
 */
export function taskWeights(config: Settings, progress: Progress): number[] {
  const weights = config.task_weights ?? config.tasks.map(() => 1);
  const known = config.tasks.map(task =>
    (progress[task]?.episodes ?? 0) >= ENOUGH ? progress[task].success : null,
  );
  if (config.curriculum === 'success') {
    return weights.map((weight, i) => {
      const rate = known[i] ?? 0.5;
      return weight * Math.max(LEAST, 4 * rate * (1 - rate));
    });
  }
  if (config.curriculum === 'order') {
    const closed = known.findIndex(rate => rate === null || rate < config.curriculum_threshold);
    const open = closed < 0 ? weights.length : closed + 1;
    return weights.map((weight, i) => (i < open ? weight : 0));
  }
  return [...weights];
}

/** The task that a draw in [0, 1) falls on. */
export function drawTask(config: Settings, progress: Progress, draw: number): string {
  const weights = taskWeights(config, progress);
  let left = draw * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, weight] of weights.entries()) {
    left -= weight;
    if (left < 0 && weight > 0) return config.tasks[i];
  }
  return config.tasks[weights.findLastIndex(weight => weight > 0)];
}

/** Progress after some more episodes. */
export function withEpisodes(
  progress: Progress,
  episodes: Iterable<{ task: string; success: boolean }>,
): Progress {
  const next = { ...progress };
  for (const { task, success } of episodes) {
    const before = next[task] ?? { success: 0, episodes: 0 };
    // A plain mean at first, a moving one later.
    const weight = 1 / Math.min(before.episodes + 1, MEMORY);
    next[task] = {
      success: before.success + weight * (Number(success) - before.success),
      episodes: before.episodes + 1,
    };
  }
  return next;
}
