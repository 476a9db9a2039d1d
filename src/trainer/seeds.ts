/** Which episodes a run trains on and which it is judged by; the two can never meet. */
import type { RunConfig } from '../config.ts';
import { hashKey, uniform } from '../gpu/index.ts';
import { drawTask, isWeighted, type Progress } from '../grpo/curriculum.ts';

/** Training seeds lie below, held-out seeds from here on. BrowserGym takes any seed below 2³². */
const HELD_OUT = 2 ** 30;

/** A group's start: its members share task and seed. */
export interface Start {
  task: string;
  seed: number;
}

type StartSettings = Pick<
  RunConfig,
  'seed' | 'tasks' | 'task_weights' | 'curriculum' | 'curriculum_threshold'
>;

/** The `index`-th held-out seed, the same for every run, so that runs can be compared. */
export function heldOutSeed(index: number): number {
  return HELD_OUT + index;
}

/** A training seed, below 2³⁰, named by what it is for. */
export function trainSeed(...parts: (number | string)[]): number {
  return hashKey(...parts, 'train-seed') >>> 2;
}

/**
 * The `index`-th group of a run. Without weights and curriculum, every task comes once before any comes again, in an order
 * drawn anew each time; with them, tasks are drawn.
 *
 * @param round  0, or which round of groups played in the place of others.
 */
export function groupStart(config: StartSettings, progress: Progress, index: number, round: number): Start {
  const { seed: runSeed, tasks } = config;
  const again = round > 0 ? ['resample', round] : [];
  if (isWeighted(config)) {
    const task = drawTask(config, progress, uniform(hashKey(runSeed, 'task', index, ...again), 0));
    return { task, seed: trainSeed(runSeed, task, index, ...again) };
  }
  const turn = Math.floor(index / tasks.length);
  const order = shuffled(tasks, hashKey(runSeed, 'task-order', turn, ...again));
  const task = order[index % tasks.length];
  return { task, seed: trainSeed(runSeed, task, index, ...again) };
}

/** Fisher and Yates's shuffle with keyed draws; `items` stays as it is. */
export function shuffled<T>(items: readonly T[], key: number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = hashKey(key, i) % (i + 1);
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}
