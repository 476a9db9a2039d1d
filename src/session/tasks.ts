/** The tasks that the page offers, for the elements that list them. */
import type { TaskMeta } from '../tasks/contract.ts';
import { taskMetas } from '../tasks/registry.ts';

export type { TaskMeta };

/** In the order in which a person would try them. */
export const TASKS: readonly TaskMeta[] = taskMetas();

export function titleOf(task: string): string {
  return TASKS.find(meta => meta.name === task)?.title ?? task;
}
