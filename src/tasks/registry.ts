/** The tasks: page and meta of each. A folder beside this file that holds task.html, meta.ts and oracle.ts is a task. */
import { TaskError } from './assemble.ts';
import type { TaskMeta } from './contract.ts';

export interface Task {
  meta: TaskMeta;
  /** Text of task.html, before the shared runtime is put into it. */
  html: string;
}

/** Those to try first, in the order in which a person would; the others follow by name. */
const FIRST = [
  'click-test',
  'click-test-2',
  'click-button',
  'click-button-sequence',
  'click-dialog',
  'click-dialog-2',
  'click-link',
  'click-tab',
  'click-checkboxes',
  'click-option',
  'choose-list',
  'click-color',
  'identify-shape',
  'focus-text',
  'enter-text',
  'login-user',
];

const METAS = import.meta.glob<TaskMeta>('./*/meta.ts', { eager: true, import: 'meta' });
const PAGES = import.meta.glob<string>('./*/task.html', { eager: true, query: '?raw', import: 'default' });

const TASKS: ReadonlyMap<string, Task> = new Map(
  Object.entries(METAS)
    .map(([path, meta]): Task => ({ meta, html: PAGES[path.replace(/meta\.ts$/, 'task.html')]! }))
    .sort((a, b) => rank(a) - rank(b) || (a.meta.name < b.meta.name ? -1 : 1))
    .map(task => [task.meta.name, task]),
);

function rank({ meta }: Task): number {
  const place = FIRST.indexOf(meta.name);
  return place < 0 ? FIRST.length : place;
}

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
