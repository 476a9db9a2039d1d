/** Which demonstrations a supervised step learns from: a mixture of tasks, and the part of them that is there by then. */
import type { RunConfig } from '../config.ts';
import { hashKey } from '../gpu/index.ts';
import type { Progress } from '../grpo/curriculum.ts';
import type { Demonstration } from './demonstrations.ts';

/** Episodes of every task that are kept back to see what has been learnt, when `sft_target` asks for it. */
export const KEPT_BACK = 16;

/** Least number of steps between two looks at them. */
const LOOK_EVERY = 40;

/** Episodes of a task that must be there before the first step. */
const FIRST = 12;

type Settings = Pick<
  RunConfig,
  | 'tasks'
  | 'task_weights'
  | 'max_steps'
  | 'sft_demonstrations'
  | 'sft_recorded_share'
  | 'sft_target'
  | 'sft_batch_size'
  | 'seed'
>;

/** Turns that there are, each list in its order of collection. */
export interface Turns {
  /** Of the oracles. */
  collected: readonly Demonstration[];
  /** Of a person. */
  recorded: readonly Demonstration[];
  /** Whether the oracles' are all there from the first step on, to be drawn from. */
  all?: boolean;
}

/** Whether the mixture follows what has been learnt. */
export function followsProgress({ sft_target }: Settings): boolean {
  return sft_target < 1;
}

/**
 * Episodes that step `step` (1 is the first) may draw from: their number grows evenly until the last step, so that
 * learning need not wait for the whole collection, and depends on the step alone, so that a run can be repeated.
 */
export function episodesAt(config: Settings, step: number): number {
  const total = config.tasks.length * config.sft_demonstrations;
  const first = config.tasks.length * (FIRST + (followsProgress(config) ? KEPT_BACK : 0));
  return Math.min(total, Math.max(first, Math.ceil((total * step) / config.max_steps)));
}

/** Steps between two looks at what is kept back: more for more tasks, because a look scores the episodes of all. */
export function lookEvery({ tasks }: Settings): number {
  return Math.max(LOOK_EVERY, tasks.length);
}

/** Whether an episode, by its place in the collection, is kept back. Too small a collection keeps nothing back. */
export function isKeptBack(config: Settings, episode: number): boolean {
  return (
    followsProgress(config) &&
    config.sft_demonstrations > 2 * KEPT_BACK &&
    episode < KEPT_BACK * config.tasks.length
  );
}

/** Weight of each task: that of the configuration, 0 for one that has reached the target unless all have. */
export function mixture(config: Settings, progress: Progress): number[] {
  const weights = config.tasks.map((_, i) => config.task_weights?.[i] ?? 1);
  const open = weights.map((weight, i) =>
    (progress[config.tasks[i]]?.success ?? 0) < config.sft_target ? weight : 0,
  );
  return open.some(weight => weight > 0) ? open : weights;
}

/**
 * The demonstrated turns of step `step`: a task by its weight, then whether a person's or the oracle's, then any of those
 * turns, each draw keyed.
 *
 * @param turns  of the oracles' those that the step may not draw from yet, or that are kept back, are passed over
 */
export function drawTurns(config: Settings, step: number, turns: Turns, progress: Progress): Demonstration[] {
  const collected = openTurns(config, step, turns);
  const recorded = byTask(config.tasks, turns.recorded);
  const counts = config.tasks.map((_, i) => collected[i].length + recorded[i].length);
  const weights = mixture(config, progress).map((weight, i) => (counts[i] > 0 ? weight : 0));
  // When the tasks that are still open have no demonstration, the others are better than none.
  const usable = weights.some(weight => weight > 0) ? weights : counts;
  const total = usable.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: config.sft_batch_size }, (_, i) => {
    let at = (hashKey(config.seed, 'sft-task', step, i) / 2 ** 32) * total;
    const found = usable.findIndex(weight => (at -= weight) < 0);
    const task = found >= 0 ? found : usable.findLastIndex(weight => weight > 0);
    const byPerson = hashKey(config.seed, 'sft-source', step, i) / 2 ** 32 < config.sft_recorded_share;
    const [first, second] = byPerson ? [recorded, collected] : [collected, recorded];
    const own = first[task].length > 0 ? first[task] : second[task];
    return own[hashKey(config.seed, 'sft-turn', step, i) % own.length];
  });
}

/** Of a collection that is complete, its turns that may be drawn, by task: sorting a hundred thousand takes longer than a draw. */
const sorted = new WeakMap<readonly Demonstration[], Demonstration[][]>();

function openTurns(config: Settings, step: number, { collected, all }: Turns): Demonstration[][] {
  const known = all && sorted.get(collected);
  if (known) return known;
  const limit = all ? Infinity : episodesAt(config, step);
  const open = collected.filter(({ episode }) => episode < limit && !isKeptBack(config, episode));
  const lists = byTask(config.tasks, open);
  if (all) sorted.set(collected, lists);
  return lists;
}

function byTask(tasks: readonly string[], turns: readonly Demonstration[]): Demonstration[][] {
  const lists = new Map(tasks.map(task => [task, [] as Demonstration[]]));
  for (const turn of turns) lists.get(turn.task)?.push(turn);
  return [...lists.values()];
}
