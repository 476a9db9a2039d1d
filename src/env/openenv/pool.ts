/** Sessions on OpenEnv servers as the environment that a trainer calls: one connection for each slot and server. */
import type { RunConfig } from '../../config.ts';
import type { EnvironmentService, JudgedEpisode, OracleAction, Pixels, StepResult } from '../../protocol.ts';
import { EnvironmentError } from '../errors.ts';
import { judgeEpisodes } from '../reward-sandbox.ts';
import { Connection, TIMEOUTS, type Timeouts } from './connection.ts';
import type { RemoteObservation, RemoteState } from './messages.ts';
import { pixelsOf, taskArea } from './screenshot.ts';

export interface OpenEnvOptions {
  /** Gets an element a slot, which shows the screenshots. */
  container: HTMLElement;
  /** WebSocket addresses; each server serves one task. */
  addresses: readonly string[];
  config: Pick<RunConfig, 'frames' | 'observation'>;
  timeouts?: Timeouts;
}

/** ms before each try to get a lost session back; the server needs a moment to notice that the old one is gone. */
const RETRIES = [0, 1000, 4000];
/** A server steps its sessions one after another: ms that each of the others may add to an answer. */
const OTHERS = 10_000;

interface Server {
  address: string;
  task: string;
  benchmark: string;
  /** By slot; the ones that broke are opened again when they are needed. */
  sessions: Connection[];
}

export class OpenEnvPool implements EnvironmentService {
  /** Episodes lost so far, by code. */
  readonly failures = new Map<string, number>();
  private readonly screens: Screen[];
  /** The server of the episode that a slot plays. */
  private readonly playing = new Map<number, Server>();
  private closed = false;

  private constructor(
    private readonly options: OpenEnvOptions,
    private readonly servers: readonly Server[],
    private readonly timeouts: Timeouts,
  ) {
    const slots = Math.min(...servers.map(server => server.sessions.length));
    this.screens = Array.from({ length: slots }, (_, slot) => new Screen(options.container, slot));
  }

  /**
   * Opens as many sessions on each server as there are frames, or as it has room for.
   * @throws {EnvironmentError} `server-unreachable`, `server-full`, `server-timeout`, `server-error`, `bad-message`
   */
  static async open(options: OpenEnvOptions): Promise<OpenEnvPool> {
    const { frames } = options.config;
    const { connect, message } = options.timeouts ?? TIMEOUTS;
    const timeouts = { connect, message: message + (frames - 1) * OTHERS };
    const servers: Server[] = [];
    try {
      for (const address of options.addresses) servers.push(await openServer(address, frames, timeouts));
      return new OpenEnvPool(options, servers, timeouts);
    } catch (error) {
      for (const server of servers) for (const session of server.sessions) session.close();
      throw error;
    }
  }

  /** What the servers serve. */
  get tasks(): string[] {
    return this.servers.map(server => server.task);
  }

  async capacity(): Promise<number> {
    return this.screens.length;
  }

  reset(slot: number, task: string, seed: number): Promise<StepResult> {
    const server = this.servers.find(each => each.task === task);
    if (!server || !this.screens[slot])
      throw new EnvironmentError('no-such-slot', {
        message: `There is no slot ${slot} for ${task}: ${this.screens.length} sessions serve ${this.tasks.join(', ')}.`,
      });
    return this.counted(slot, async () => {
      this.playing.delete(slot);
      const session = await this.session(server, slot);
      const result = this.result(slot, server, await session.reset(seed), '');
      this.playing.set(slot, server);
      return result;
    });
  }

  step(slot: number, text: string): Promise<StepResult> {
    const server = this.playing.get(slot);
    if (!server)
      throw new EnvironmentError('not-reset', { message: 'The slot has no episode; reset it first.' });
    return this.counted(slot, async () =>
      this.result(slot, server, await server.sessions[slot]!.step(text), text),
    );
  }

  /** @throws {EnvironmentError} `no-oracle`, always: scripted solutions read a page of ours. */
  async oracle(): Promise<OracleAction> {
    throw new EnvironmentError('no-oracle', {
      message: 'A server gives no demonstrations. Use the built-in tasks for what needs scripted solutions.',
    });
  }

  async expect(): Promise<void> {
    // A server is told nothing ahead.
  }

  judge(source: string, episodes: JudgedEpisode[]): Promise<(number | null)[]> {
    return judgeEpisodes(this.options.container, source, episodes);
  }

  dispose(): void {
    this.closed = true;
    for (const { sessions } of this.servers) for (const session of sessions) session.close();
    for (const { element } of this.screens) element.remove();
  }

  /** Counts the episode as lost when the work on it fails. */
  private async counted(slot: number, work: () => Promise<StepResult>): Promise<StepResult> {
    try {
      return await work();
    } catch (error) {
      this.playing.delete(slot);
      if (error instanceof EnvironmentError)
        this.failures.set(error.code, (this.failures.get(error.code) ?? 0) + 1);
      throw error;
    }
  }

  /** The slot's session, opened again where it broke. */
  private async session(server: Server, slot: number): Promise<Connection> {
    const known = server.sessions[slot]!;
    if (known.alive) return known;
    let failure: unknown;
    for (const wait of RETRIES) {
      await new Promise(resolve => setTimeout(resolve, wait));
      if (this.closed) break;
      try {
        const { connection, state } = await Connection.open(server.address, this.timeouts);
        server.sessions[slot] = connection;
        if (state.task === server.task) return connection;
        connection.close();
        failure = new EnvironmentError('server-error', {
          message: `${server.address} served ${server.task} and now serves ${state.task}. Start the run again.`,
        });
      } catch (error) {
        failure = error;
      }
    }
    throw failure ?? new EnvironmentError('pool-closed', { message: 'The sessions were closed.' });
  }

  private result(slot: number, server: Server, seen: RemoteObservation, lastAction: string): StepResult {
    if (seen.error)
      throw new EnvironmentError('server-error', { message: `The server could not step: ${seen.error}` });
    const { use_screenshot, blank_screenshot, use_axtree, use_html } = this.options.config.observation;
    const whole = seen.screenshot && pixelsOf(seen.screenshot);
    const screenshot = whole && server.benchmark === 'miniwob' ? taskArea(whole) : whole;
    if (screenshot) this.screens[slot]!.show(screenshot);
    return {
      observation: {
        goal: seen.goal,
        axtree: use_axtree ? seen.axtree : '',
        html: use_html ? seen.html : '',
        screenshot: use_screenshot || blank_screenshot ? screenshot : null,
        focusedBid: '',
        lastAction,
        lastActionError: seen.actionFailed ? 'Error: the action failed (the server does not say why)' : '',
      },
      reward: seen.reward > 0 ? 1 : 0,
      rawReward: seen.reward,
      done: seen.done,
    };
  }
}

/**
 * What the server at a WebSocket address serves; the session that asks ends at once.
 * @throws {EnvironmentError} as opening a pool; `server-error` for one that was started without a task
 */
export async function lookAtServer(address: string): Promise<RemoteState> {
  const { connection, state } = await Connection.open(address);
  connection.close();
  if (state.task) return state;
  throw new EnvironmentError('server-error', {
    message: `${address} serves no task. Start it with BROWSERGYM_TASK_NAME set, such as click-test.`,
  });
}

/** The first session says what there is; the others may find the server full. */
async function openServer(address: string, most: number, timeouts: Timeouts): Promise<Server> {
  const { connection, state } = await Connection.open(address, timeouts);
  const sessions = [connection];
  const more = await Promise.allSettled(
    Array.from({ length: most - 1 }, () => Connection.open(address, timeouts)),
  );
  for (const each of more) if (each.status === 'fulfilled') sessions.push(each.value.connection);
  const failed = more.find(each => each.status === 'rejected' && !isFull(each.reason));
  if (failed?.status === 'rejected') {
    for (const session of sessions) session.close();
    throw failed.reason;
  }
  return { address, task: state.task, benchmark: state.benchmark, sessions };
}

function isFull(error: unknown): boolean {
  return error instanceof EnvironmentError && error.code === 'server-full';
}

/** Shows what a session's page looks like, where a frame would show the page itself. */
class Screen {
  readonly element = document.createElement('div');
  private readonly canvas = document.createElement('canvas');

  constructor(container: HTMLElement, slot: number) {
    this.element.className = 'frame-slot';
    this.element.dataset.slot = String(slot);
    this.element.style.cssText = 'position:relative;width:160px;height:210px;overflow:hidden';
    this.canvas.style.cssText = 'width:100%;height:100%;object-fit:contain';
    this.element.append(this.canvas);
    container.append(this.element);
  }

  show({ width, height, data }: Pixels): void {
    this.canvas.width = width;
    this.canvas.height = height;
    const pixels = new ImageData(new Uint8ClampedArray(data), width, height);
    this.canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  }
}
