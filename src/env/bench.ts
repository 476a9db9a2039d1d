/** How fast the environment is: what `npm run bench -- env` measures. */
import { DEFAULT_CONFIG } from '../config.ts';
import type { EnvironmentConfig } from './episode.ts';
import { FramePool } from './frame-pool.ts';

export interface EnvironmentBench {
  frames: number;
  tasks: string[];
  /** Median ms from call to answer while all slots call at once, waiting for each other included. */
  resetMs: number;
  stepAxtreeMs: number;
  stepAxtreeScreenshotMs: number;
  /** Of all slots together, with tree and screenshot. */
  resetsPerSecond: number;
  stepsPerSecond: number;
  /** The same medians while one slot calls at a time. */
  alone: { resetMs: number; stepAxtreeMs: number; stepAxtreeScreenshotMs: number };
}

/**
 * Plays `rounds` episodes of 5 steps in every slot: with and without screenshots, all slots at once and one after the other.
 * @param options.container  in the document; gets the frames and loses them again.
 */
export async function benchEnvironment(options: {
  container: HTMLElement;
  frames?: number;
  tasks?: string[];
  rounds?: number;
}): Promise<EnvironmentBench> {
  const { container, frames = 8, rounds = 10, tasks = DEFAULT_CONFIG.tasks } = options;
  const measure = async (screenshot: boolean, atOnce: boolean) => {
    const config: EnvironmentConfig = {
      ...DEFAULT_CONFIG,
      observation: { ...DEFAULT_CONFIG.observation, use_screenshot: screenshot },
    };
    const pool = new FramePool({ container, frames, config });
    try {
      await play(pool, frames, 1, tasks, atOnce);
      return await play(pool, frames, rounds, tasks, atOnce);
    } finally {
      pool.dispose();
    }
  };
  const [tree, both] = [await measure(false, true), await measure(true, true)];
  const [treeAlone, bothAlone] = [await measure(false, false), await measure(true, false)];
  return {
    frames,
    tasks,
    resetMs: median(both.resets),
    stepAxtreeMs: median(tree.steps),
    stepAxtreeScreenshotMs: median(both.steps),
    resetsPerSecond: both.resets.length / (both.resetting / 1000),
    stepsPerSecond: both.steps.length / (both.stepping / 1000),
    alone: {
      resetMs: median(bothAlone.resets),
      stepAxtreeMs: median(treeAlone.steps),
      stepAxtreeScreenshotMs: median(bothAlone.steps),
    },
  };
}

const STEPS = 5;

/** Rounds in lock-step, as a rollout plays them: all slots reset, then all step, and so on. */
async function play(pool: FramePool, slots: number, rounds: number, tasks: string[], atOnce: boolean) {
  const resets: number[] = [];
  const steps: number[] = [];
  let resetting = 0;
  let stepping = 0;
  /** @returns ms for all slots. */
  const everySlot = async (call: (slot: number) => Promise<unknown>, into: number[]) => {
    const begin = performance.now();
    const timed = async (slot: number) => {
      const called = performance.now();
      await call(slot);
      into.push(performance.now() - called);
    };
    const all = Array.from({ length: slots }, (_, slot) => slot);
    if (atOnce) await Promise.all(all.map(timed));
    else for (const slot of all) await timed(slot);
    return performance.now() - begin;
  };
  for (let round = 0; round < rounds; round++) {
    // In a run the policy's thinking leaves time for this.
    await pool.prepared();
    const taskOf = (slot: number) => tasks[(round + slot) % tasks.length]!;
    resetting += await everySlot(slot => pool.reset(slot, taskOf(slot), round * slots + slot), resets);
    for (let step = 0; step < STEPS; step++) {
      // Focus moves about, so that every step draws a new image; none of it ends an episode.
      const text = step % 2 === 0 ? "press('13', 'Shift')" : "click('11')";
      stepping += await everySlot(slot => pool.step(slot, text), steps);
    }
  }
  return { resets, steps, resetting, stepping };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
