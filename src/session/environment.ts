/** The environment of one run, in the page's element for it, and what is seen of it from outside. */
import { parseEnvironment } from '../config/environment-name.ts';
import type { RunConfig } from '../config.ts';
import { EnvironmentError, FramePool, OpenEnvPool, pageOfFolder, type TaskPage } from '../env/index.ts';
import type { EnvironmentService, JudgedEpisode, Look, OracleAction, StepResult } from '../protocol.ts';
import { pageFilesOf } from '../storage/pages.ts';
import { pagesWith, type OwnTask } from './own-tasks.ts';
import type { SlotState } from './state.ts';

/** An environment that holds frames or connections. */
export type OpenEnvironment = EnvironmentService & {
  /** Gives up what it holds; what is under way rejects. */
  dispose(): void;
};

/**
 * Opens what `config.environment` names; pages that lie in storage are made ready for the tasks of the run.
 *
 * @param ownTasks  the user's own tasks that it may play besides.
 * @throws {EnvironmentError} for a server that cannot be used; {StorageError} `pages-missing`; {PagesError} for a page that is not whole
 */
export async function openEnvironment(
  container: HTMLElement,
  config: RunConfig,
  ownTasks: readonly OwnTask[],
): Promise<OpenEnvironment> {
  const name = parseEnvironment(config.environment);
  if (name.kind === 'openenv') return openServers(container, config, name.addresses);
  const pageOf = await pagesOf(config, ownTasks);
  return new FramePool({ container, frames: config.frames, config, pageOf });
}

/** The pages of the tasks that `config` names. @throws {StorageError} `pages-missing`; {PagesError} for a page that is not whole */
export async function pagesOf(
  config: Pick<RunConfig, 'environment' | 'tasks' | 'eval_tasks'>,
  ownTasks: readonly OwnTask[],
): Promise<(task: string) => TaskPage> {
  const name = parseEnvironment(config.environment);
  const own = pagesWith(ownTasks);
  if (name.kind !== 'pages') return own;
  const files = await pageFilesOf(name.id);
  const pages = new Map<string, TaskPage>();
  for (const task of [...config.tasks, ...config.eval_tasks])
    if (!ownTasks.some(each => each.name === task)) pages.set(task, await pageOfFolder(files, task));
  return task => pages.get(task) ?? own(task);
}

async function openServers(
  container: HTMLElement,
  config: RunConfig,
  addresses: readonly string[],
): Promise<OpenEnvironment> {
  const pool = await OpenEnvPool.open({ container, config, addresses });
  const lacking = [...config.tasks, ...config.eval_tasks].filter(task => !pool.tasks.includes(task));
  if (lacking.length === 0) return pool;
  pool.dispose();
  throw new EnvironmentError('no-server-for-task', {
    message: `The run asks for ${lacking.join(', ')}, and the servers serve ${pool.tasks.join(', ')}. Connect again under Environment to take their tasks, or give a server for each task.`,
  });
}

/** Passes every call on and tells what each slot shows as soon as it shows it. */
export class WatchedEnvironment implements OpenEnvironment {
  /** @param onSlot  a slot has a new page, or an action was done in it. */
  constructor(
    private readonly environment: OpenEnvironment,
    private readonly onSlot: (slot: number, state: Partial<SlotState>) => void = () => {},
  ) {}

  capacity(): Promise<number> {
    return this.environment.capacity();
  }

  async reset(slot: number, task: string, seed: number): Promise<StepResult> {
    const result = await this.environment.reset(slot, task, seed);
    this.onSlot(slot, { task, goal: result.observation.goal, action: '', reward: 0, done: false });
    return result;
  }

  async step(slot: number, text: string, look?: Look): Promise<StepResult> {
    const result = await this.environment.step(slot, text, look);
    this.onSlot(slot, { action: text, reward: result.rawReward, done: result.done });
    return result;
  }

  oracle(slot: number): Promise<OracleAction> {
    return this.environment.oracle(slot);
  }

  expect(slot: number, task: string, seed: number): Promise<void> {
    return this.environment.expect(slot, task, seed);
  }

  judge(source: string, episodes: JudgedEpisode[]): Promise<(number | null)[]> {
    return this.environment.judge(source, episodes);
  }

  dispose(): void {
    this.environment.dispose();
  }
}
