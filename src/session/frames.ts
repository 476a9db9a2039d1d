/** The pool of task frames for one run, in the page's element for them, and what is seen of it from outside. */
import type { RunConfig } from '../config.ts';
import { FramePool, type TaskPage } from '../env/index.ts';
import type { EnvironmentService, JudgedEpisode, OracleAction, StepResult } from '../protocol.ts';
import type { SlotState } from './state.ts';

/** Passes every call on to a pool of `config.frames` frames and tells what each frame shows as soon as it shows it. */
export class WatchedFrames implements EnvironmentService {
  readonly #pool: FramePool;

  /**
   * @param onSlot  a frame has a new page, or an action was done in it.
   * @param pageOf  pages that are not the registry's.
   */
  constructor(
    container: HTMLElement,
    config: RunConfig,
    readonly onSlot: (slot: number, state: Partial<SlotState>) => void = () => {},
    pageOf?: (task: string) => TaskPage,
  ) {
    this.#pool = new FramePool({ container, frames: config.frames, config, pageOf });
  }

  capacity(): Promise<number> {
    return this.#pool.capacity();
  }

  async reset(slot: number, task: string, seed: number): Promise<StepResult> {
    const result = await this.#pool.reset(slot, task, seed);
    this.onSlot(slot, { task, goal: result.observation.goal, action: '', reward: 0, done: false });
    return result;
  }

  async step(slot: number, text: string): Promise<StepResult> {
    const result = await this.#pool.step(slot, text);
    this.onSlot(slot, { action: text, reward: result.rawReward, done: result.done });
    return result;
  }

  oracle(slot: number): Promise<OracleAction> {
    return this.#pool.oracle(slot);
  }

  expect(slot: number, task: string): Promise<void> {
    return this.#pool.expect(slot, task);
  }

  judge(source: string, episodes: JudgedEpisode[]): Promise<(number | null)[]> {
    return this.#pool.judge(source, episodes);
  }

  /** Removes every frame; what is under way rejects. */
  dispose(): void {
    this.#pool.dispose();
  }
}
