/** The user's own tasks as the page holds them: saved, brought in by a link or a file, tried, and played by a run. */
import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate';
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import { CodedError } from '../errors.ts';
import { FramePool, registeredPage, type TaskPage } from '../env/index.ts';
import type { StepResult } from '../protocol.ts';
import { deleteOwnTask, listOwnTasks, putOwnTask } from '../storage/own-tasks.ts';
import { assembleDocument } from '../tasks/document.ts';
import {
  asOwnTask,
  EXAMPLE,
  OWN_TASK_FIELDS,
  ownTaskPage,
  ownTaskProblems,
  type OwnTask,
  type OwnTaskField,
  type OwnTaskProblem,
} from '../tasks/own/own-task.ts';
import { fromBase64, toBase64 } from './base64.ts';
import type { SessionState } from './state.ts';
import type { Store } from './store.ts';
import { TASKS } from './tasks.ts';

export { EXAMPLE, type OwnTask, type OwnTaskField, type OwnTaskProblem };

/** A file or a text that is no task. */
export class OwnTaskError extends CodedError {
  override readonly name = 'OwnTaskError';
}

/** Bytes that an unpacked link may have. */
const MOST_BYTES = 400_000;

export class OwnTasks {
  readonly #store: Store<SessionState>;

  constructor(store: Store<SessionState>) {
    this.#store = store;
  }

  get all(): readonly OwnTask[] {
    return this.#store.value.ownTasks;
  }

  /** Reads what is saved; a link's tasks, which are there before, stay as the link has them. */
  async refresh(): Promise<void> {
    this.#add(await listOwnTasks(), false);
  }

  /** Adds tasks that are not saved here, such as a link's. */
  take(tasks: readonly OwnTask[]): void {
    this.#add(tasks, true);
  }

  /**
   * Adds the tasks of files, which are not saved here.
   * @throws {OwnTaskError} `own-task-file` for one that is none, or that cannot be played as it stands
   */
  takeFiles(files: readonly { name: string; text: string }[]): void {
    for (const { name, text } of files) {
      const task = fromFile(name, text);
      const [problem] = this.problems(task, task.name);
      if (problem)
        throw new OwnTaskError('own-task-file', {
          message: `${name}: its ${problem.field} does not do. ${problem.message}`,
        });
      this.take([task]);
    }
  }

  /** Saves a task, in place of `before` when it had another name. */
  async save(task: OwnTask, before = ''): Promise<void> {
    await putOwnTask({ ...task, savedAt: Date.now() });
    if (before && before !== task.name) await this.remove(before);
    this.#add([task], true);
  }

  async remove(name: string): Promise<void> {
    await deleteOwnTask(name);
    const { ownTasks, config } = this.#store.value;
    const tasks = config.tasks.filter(each => each !== name);
    this.#store.update({
      ownTasks: ownTasks.filter(each => each.name !== name),
      config: tasks.length === config.tasks.length ? config : { ...config, tasks },
    });
  }

  /** What is wrong with a task as it stands. @param before  the name it is saved under, '' for a new one. */
  problems(task: OwnTask, before: string): OwnTaskProblem[] {
    const others = this.all.map(each => each.name).filter(name => name !== before);
    return ownTaskProblems(task, [...TASKS.map(meta => meta.name), ...others]);
  }

  #add(tasks: readonly OwnTask[], replace: boolean): void {
    const byName = new Map(this.all.map(task => [task.name, task]));
    for (const task of tasks) if (replace || !byName.has(task.name)) byName.set(task.name, asOwnTask(task)!);
    const ownTasks = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#store.update({ ownTasks });
  }
}

/** Those of `own` that a run plays, to learn or to be evaluated. */
export function usedOf(
  own: readonly OwnTask[],
  { tasks, eval_tasks }: Pick<RunConfig, 'tasks' | 'eval_tasks'>,
): OwnTask[] {
  return own.filter(({ name }) => tasks.includes(name) || eval_tasks.includes(name));
}

/** The pages for a pool: the user's own by `tasks`, the others from the registry. */
export function pagesWith(tasks: readonly OwnTask[]): (name: string) => TaskPage {
  return name => {
    const own = tasks.find(task => task.name === name);
    return own ? { html: assembleDocument(ownTaskPage(own), '') } : registeredPage(name);
  };
}

/** A task as a file's text. */
export function toFile(task: OwnTask): string {
  return `${JSON.stringify({ format: 'browser-grpo task', version: 1, ...task }, null, 2)}\n`;
}

/** @throws {OwnTaskError} `own-task-file` */
export function fromFile(name: string, text: string): OwnTask {
  const fail = (message: string) => {
    throw new OwnTaskError('own-task-file', { message: `${name} is not a task: ${message}` });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(`it is not JSON (${(error as Error).message}).`);
  }
  const task = asOwnTask(value);
  return task ?? fail(`it must have the texts ${OWN_TASK_FIELDS.join(', ')}. Export a task to see one.`);
}

/** Tasks as text for a link: JSON, deflated, base64 without the characters that mean something in an address. */
export function toLinkText(tasks: readonly OwnTask[]): string {
  const packed = toBase64(deflateSync(strToU8(JSON.stringify(tasks)), { level: 9 }));
  return packed.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @returns null for a text that does not hold tasks. */
export function fromLinkText(text: string): OwnTask[] | null {
  try {
    const bytes = fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
    const unpacked = inflateSync(bytes, { out: new Uint8Array(MOST_BYTES) });
    const value: unknown = JSON.parse(strFromU8(unpacked));
    if (!Array.isArray(value)) return null;
    const tasks = value.map(asOwnTask);
    return tasks.every(task => task !== null && ownTaskProblems(task).length === 0)
      ? (tasks as OwnTask[])
      : null;
  } catch {
    return null;
  }
}

/** One frame that plays a task as it is being written. */
export class Preview {
  readonly #pool: FramePool;

  /** @param container  in the document; gets the frame, 160 by 210 pixels. */
  constructor(
    container: HTMLElement,
    readonly task: OwnTask,
  ) {
    const { observation, multiaction, retry_with_force } = DEFAULT_CONFIG;
    this.#pool = new FramePool({
      container,
      frames: 1,
      pageOf: pagesWith([task]),
      config: {
        observation: { ...observation, use_screenshot: false },
        // Whatever a run may be allowed, so that a click on the page can be tried, too.
        action_set: 'all',
        multiaction,
        retry_with_force,
      },
    });
  }

  /** Starts the episode of a seed. @throws what the page says; `faultOf` tells which part of the task it is about. */
  start(seed: number): Promise<StepResult> {
    return this.#pool.reset(0, this.task.name, seed);
  }

  /** Does one action as the agent writes them. */
  act(action: string): Promise<StepResult> {
    return this.#pool.step(0, action);
  }

  dispose(): void {
    this.#pool.dispose();
  }
}

/** The part of a task that an error's message is about, and the message without it. */
export function faultOf(message: string): OwnTaskProblem {
  const match = /(?:^|\b)(goal|html|setup|reward): (.*)$/s.exec(message);
  return match ? { field: match[1] as OwnTaskField, message: match[2]! } : { field: 'html', message };
}
