/** Demonstrations: what a person did in a live frame, recorded action by action, kept, handed on, and given to runs. */
import type { RunConfig } from '../config.ts';
import { FramePool, type LocatedElement } from '../env/index.ts';
import type { ActionTrace, StepResult } from '../protocol.ts';
import {
  deleteDemonstrations,
  demonstrationsOf,
  fromJsonLines,
  putDemonstrations,
  toJsonLines,
  traceOf,
} from '../storage/demonstrations.ts';
import type { DemonstrationRow } from '../storage/schema.ts';
import { pagesOf } from './environment.ts';
import type { OwnTask } from './own-tasks.ts';
import type { SessionState } from './state.ts';
import type { Store } from './store.ts';

export type { LocatedElement, StepResult };

export class Demonstrations {
  constructor(readonly store: Store<SessionState>) {}

  async refresh(): Promise<void> {
    this.store.update({ demonstrations: await demonstrationsOf() });
  }

  async keep(row: DemonstrationRow): Promise<void> {
    await putDemonstrations([row]);
    await this.refresh();
  }

  async remove(rows: readonly DemonstrationRow[]): Promise<void> {
    await deleteDemonstrations(rows.map(row => row.id));
    await this.refresh();
  }

  /** @returns how many it held. @throws {ImportError} `import-bad-file`; nothing is stored then */
  async import(name: string, text: string): Promise<number> {
    const rows = fromJsonLines(name, text);
    await putDemonstrations(rows);
    await this.refresh();
    return rows.length;
  }

  export(): Blob {
    return new Blob([toJsonLines(this.store.value.demonstrations)], { type: 'application/jsonl' });
  }

  /** What a run with `config` may learn from; nothing for a method that does not. */
  tracesFor({ method, sft_recorded_share, environment, tasks }: RunConfig): ActionTrace[] {
    if (method !== 'sft' || sft_recorded_share === 0) return [];
    return this.store.value.demonstrations
      .filter(row => row.environment === environment && tasks.includes(row.task))
      .map(traceOf);
  }
}

/** One frame in which a person does one task after the other. */
export class DemonstrationRecorder {
  readonly #config: RunConfig;
  readonly #pool: FramePool;
  #task = '';
  #seed = 0;
  #turns: DemonstrationRow['turns'] = [];
  #latest: StepResult | null = null;

  private constructor(config: RunConfig, pool: FramePool) {
    this.#config = config;
    this.#pool = pool;
  }

  /** @param container  in the document; gets the frame, 160 by 210 pixels. */
  static async open(
    container: HTMLElement,
    config: RunConfig,
    ownTasks: readonly OwnTask[],
  ): Promise<DemonstrationRecorder> {
    const observation = {
      ...config.observation,
      use_axtree: true,
      use_screenshot: false,
      blank_screenshot: false,
    };
    const pageOf = await pagesOf(config, ownTasks);
    const seen = { ...config, observation, multiaction: false };
    return new DemonstrationRecorder(config, new FramePool({ container, frames: 1, config: seen, pageOf }));
  }

  /** Starts an episode on a training seed that nobody chose. */
  start(task: string): Promise<StepResult> {
    // Below 2³⁰: above are the seeds that policies are tested on.
    const [seed] = crypto.getRandomValues(new Uint32Array(1)).map(bits => bits >>> 2);
    return this.startAt(task, seed);
  }

  async startAt(task: string, seed: number): Promise<StepResult> {
    this.#task = task;
    this.#seed = seed;
    this.#turns = [];
    return (this.#latest = await this.#pool.reset(0, task, seed));
  }

  get seed(): number {
    return this.#seed;
  }

  /** What lies at a point of the page, CSS pixels. */
  locate(x: number, y: number): Promise<LocatedElement | null> {
    return this.#pool.locate(0, x, y);
  }

  /** Does one action, and remembers it with what was seen before it. An action that failed is not part of how it is done. */
  async act(action: string): Promise<StepResult> {
    const before = this.#latest!.observation;
    const result = await this.#pool.step(0, action);
    if (!result.observation.lastActionError) {
      const { axtree, focusedBid, lastActionError } = before;
      this.#turns.push({ axtree, focusedBid, lastActionError, action, reward: result.reward });
    }
    return (this.#latest = result);
  }

  /** The actions so far. */
  get actions(): string[] {
    return this.#turns.map(turn => turn.action);
  }

  /** The episode as it is kept. */
  demonstration(): DemonstrationRow {
    const { environment, action_set } = this.#config;
    return {
      id: crypto.randomUUID(),
      task: this.#task,
      seed: this.#seed,
      environment,
      actionSet: action_set,
      goal: this.#latest!.observation.goal,
      turns: this.#turns,
      rawReward: this.#latest!.rawReward,
      recordedAt: Date.now(),
    };
  }

  dispose(): void {
    this.#pool.dispose();
  }
}
