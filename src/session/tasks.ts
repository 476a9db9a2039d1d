/** The tasks that the page offers, for the elements that list them. */
import { parseEnvironment } from '../config/environment-name.ts';
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import type { TaskMeta } from '../tasks/contract.ts';
import { taskMetas } from '../tasks/registry.ts';
import type { SessionState } from './state.ts';

export type { TaskMeta };

/** In the order in which a person would try them. */
export const TASKS: readonly TaskMeta[] = taskMetas();

export function titleOf(task: string): string {
  return TASKS.find(meta => meta.name === task)?.title ?? task;
}

/** A task of the environment that is chosen. */
export interface OfferedTask {
  name: string;
  /** One line on what must be done, '' where only its page says. */
  summary: string;
  sight: boolean;
}

type Offers = Pick<SessionState, 'config' | 'pageFolders' | 'servers'>;

/** Tasks of `config.environment`, the user's own left out; none while its pages are not here. */
export function tasksOffered({ config, pageFolders, servers }: Offers): OfferedTask[] {
  const offer = (name: string): OfferedTask => {
    const meta = TASKS.find(each => each.name === name);
    return { name, summary: meta?.summary ?? '', sight: meta?.needs.includes('sight') ?? false };
  };
  const environment = parseEnvironment(config.environment);
  switch (environment.kind) {
    case 'built-in':
      return TASKS.map(meta => offer(meta.name));
    case 'pages': {
      const there = pageFolders.find(row => row.id === environment.id)?.tasks ?? [];
      const known = TASKS.map(meta => meta.name).filter(name => there.includes(name));
      return [...known, ...there.filter(name => !known.includes(name))].map(offer);
    }
    case 'openenv': {
      // Those of a link's or a run's servers, which nobody has asked yet, are taken at its word.
      const asked = servers.filter(({ address }) => environment.addresses.includes(address));
      const served = asked.map(({ task }) => task);
      return [...new Set(served.length > 0 ? served : config.tasks)].map(offer);
    }
  }
}

/** The configuration with those of its tasks that its environment has; some others when it has none of them. */
export function withTasksOf(config: RunConfig, state: Omit<SessionState, 'config'>): RunConfig {
  const offered = tasksOffered({ ...state, config }).map(task => task.name);
  const all = new Set([...offered, ...state.ownTasks.map(task => task.name)]);
  const has = (task: string) => all.has(task);
  const kept = config.tasks.filter(has);
  const usual = DEFAULT_CONFIG.tasks.filter(has);
  const tasks = kept.length > 0 ? kept : usual.length > 0 ? usual : offered.slice(0, 1);
  if (tasks.length === 0) return config;
  const eval_tasks = config.eval_tasks.filter(task => has(task) && !tasks.includes(task));
  const task_weights = tasks.length === config.tasks.length ? config.task_weights : null;
  return { ...config, tasks, eval_tasks, task_weights };
}
