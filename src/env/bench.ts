/** How fast the environment is: what `npm run bench -- env` measures. */
import { DEFAULT_CONFIG } from '../config.ts';
import type { EnvironmentConfig } from './episode.ts';
import { FramePool } from './frame-pool.ts';

export interface EnvironmentBench {
  frames: number;
  tasks: string[];
  /** Medians over all slots working side by side, ms. */
  resetMs: number;
  stepAxtreeMs: number;
  stepAxtreeScreenshotMs: number;
  /** Steps of all slots together, with tree and screenshot, a second. */
  stepsPerSecond: number;
  /** The same three medians with one slot at work. */
  alone: { resetMs: number; stepAxtreeMs: number; stepAxtreeScreenshotMs: number };
}

/**
 * Plays `rounds` episodes of 5 steps in every slot, once looking and once not.
 * @param container  in the document; gets the frames and loses them again.
 */
export async function benchEnvironment(options: {
  container: HTMLElement;
  frames?: number;
  tasks?: string[];
  rounds?: number;
}): Promise<EnvironmentBench> {
  const { container, frames = 8, rounds = 10, tasks = DEFAULT_CONFIG.tasks } = options;
  const measure = async (slots: number, screenshot: boolean) => {
    const config: EnvironmentConfig = {
      ...DEFAULT_CONFIG,
      observation: { ...DEFAULT_CONFIG.observation, use_screenshot: screenshot },
    };
    const pool = new FramePool({ container, frames: slots, config });
    try {
      await play(pool, slots, 2, tasks);
      return await play(pool, slots, rounds, tasks);
    } finally {
      pool.dispose();
    }
  };
  const [tree, both] = [await measure(frames, false), await measure(frames, true)];
  const [treeAlone, bothAlone] = [await measure(1, false), await measure(1, true)];
  return {
    frames,
    tasks,
    resetMs: median(both.resets),
    stepAxtreeMs: median(tree.steps),
    stepAxtreeScreenshotMs: median(both.steps),
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
async function play(pool: FramePool, slots: number, rounds: number, tasks: string[]) {
  const resets: number[] = [];
  const steps: number[] = [];
  let stepping = 0;
  const everySlot = (call: (slot: number) => Promise<unknown>, into: number[]) =>
    Promise.all(
      Array.from({ length: slots }, async (_, slot) => {
        const begin = performance.now();
        await call(slot);
        into.push(performance.now() - begin);
      }),
    );
  for (let round = 0; round < rounds; round++) {
    // In a run the policy's thinking leaves time for this.
    await pool.prepared();
    await everySlot(
      slot => pool.reset(slot, tasks[(round + slot) % tasks.length]!, round * slots + slot),
      resets,
    );
    const begin = performance.now();
    // A click on the task's background: a full step that does not end the episode.
    for (let step = 0; step < STEPS; step++) await everySlot(slot => pool.step(slot, "click('11')"), steps);
    stepping += performance.now() - begin;
  }
  return { resets, steps, stepping };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
