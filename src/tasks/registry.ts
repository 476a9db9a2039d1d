/** The tasks: page, meta and name of each. A new task adds its folder, its lines here, and its line in oracles.ts. */
import { CodedError } from '../errors.ts';
import type { TaskMeta } from './contract.ts';
import { meta as clickButton } from './click-button/meta.ts';
import clickButtonPage from './click-button/task.html?raw';
import { meta as clickColor } from './click-color/meta.ts';
import clickColorPage from './click-color/task.html?raw';
import { meta as clickTest } from './click-test/meta.ts';
import clickTestPage from './click-test/task.html?raw';

/** A task that is asked for and is not there. */
export class TaskError extends CodedError {
  override readonly name = 'TaskError';
}

export interface Task {
  meta: TaskMeta;
  /** Text of task.html, before the shared runtime is put into it. */
  html: string;
}

const TASKS: ReadonlyMap<string, Task> = new Map(
  [
    { meta: clickTest, html: clickTestPage },
    { meta: clickButton, html: clickButtonPage },
    { meta: clickColor, html: clickColorPage },
  ].map(task => [task.meta.name, task]),
);

/** MiniWoB ids, in the order in which a person would try them. */
export function taskNames(): string[] {
  return [...TASKS.keys()];
}

export function taskMetas(): TaskMeta[] {
  return [...TASKS.values()].map(task => task.meta);
}

/** @throws {TaskError} `unknown-task` */
export function findTask(name: string): Task {
  const task = TASKS.get(name);
  if (!task) {
    throw new TaskError('unknown-task', {
      message: `There is no task "${name}". The tasks are: ${taskNames().join(', ')}.`,
    });
  }
  return task;
}
