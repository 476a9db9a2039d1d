/** How fast the environment is: what `npm run bench -- env` measures. */
import { DEFAULT_CONFIG } from '../config.ts';
import type { EnvironmentConfig } from './episode.ts';
import { FramePool } from './frame-pool.ts';

/** Three pages that differ in size; the figures of one day can be compared with those of another. */
const TASKS = ['click-button', 'click-dialog-2', 'click-color'];
/** Has a text field, so that every step can change what is seen. */
const DRAWN_TASK = 'enter-text';

/** Median ms from call to answer. */
export interface Latencies {
  resetMs: number;
  stepAxtreeMs: number;
  /** Most of these steps change nothing that is seen, so that their screenshot is the one before. */
  stepAxtreeScreenshotMs: number;
  /** The same where every step types another text, so that each screenshot is drawn. */
  stepDrawnMs: number;
}

export interface EnvironmentBench extends Latencies {
  frames: number;
  tasks: string[];
  /** Reset to a task that nobody announced: its page is loaded only then. */
  resetUnannouncedMs: number;
  /** What a screenshot that is drawn adds to a step: the difference of two medians, of steps that type. */
  screenshotMs: number;
  /** The same while every slot calls at once. They share one thread, so this measures the queue, too. */
  atOnce: Latencies;
  /** Of all slots together, called at once, with tree and screenshot, and with the tree alone. */
  resetsPerSecond: number;
  stepsPerSecond: number;
  stepsAxtreePerSecond: number;
}

export interface EnvironmentBenchOptions {
  /** In the document; gets the frames and loses them again. */
  container: HTMLElement;
  frames?: number;
  tasks?: string[];
  rounds?: number;
}

/**
 * Plays `rounds` episodes of 5 steps in every slot: with and without screenshots, one slot calling at a time and all at once.
 * Frames are prepared between the rounds, outside of what is timed: in a run the policy's thinking leaves time for it.
 */
export async function benchEnvironment(options: EnvironmentBenchOptions): Promise<EnvironmentBench> {
  const { container, frames = 8, rounds = 10, tasks = TASKS } = options;
  const measure = async (screenshot: boolean, how: Partial<Manner>) => {
    const pool = new FramePool({ container, frames, config: environmentConfig(screenshot) });
    const manner = { atOnce: false, announced: true, typing: false, ...how };
    const played = manner.typing ? [DRAWN_TASK] : tasks;
    try {
      await play(pool, frames, 1, played, manner);
      return await play(pool, frames, rounds, played, manner);
    } finally {
      pool.dispose();
    }
  };
  const [tree, both] = [await measure(false, {}), await measure(true, {})];
  const [treeAtOnce, bothAtOnce] = [
    await measure(false, { atOnce: true }),
    await measure(true, { atOnce: true }),
  ];
  const [typed, drawn] = [await measure(false, { typing: true }), await measure(true, { typing: true })];
  const drawnAtOnce = await measure(true, { typing: true, atOnce: true });
  const unannounced = await measure(true, { announced: false });
  const latencies = (withTree: Played, withBoth: Played, drawing: Played): Latencies => ({
    resetMs: median(withBoth.resets),
    stepAxtreeMs: median(withTree.steps),
    stepAxtreeScreenshotMs: median(withBoth.steps),
    stepDrawnMs: median(drawing.steps),
  });
  return {
    frames,
    tasks,
    ...latencies(tree, both, drawn),
    resetUnannouncedMs: median(unannounced.resets),
    screenshotMs: median(drawn.steps) - median(typed.steps),
    atOnce: latencies(treeAtOnce, bothAtOnce, drawnAtOnce),
    resetsPerSecond: bothAtOnce.resets.length / (bothAtOnce.resetting / 1000),
    stepsPerSecond: bothAtOnce.steps.length / (bothAtOnce.stepping / 1000),
    stepsAxtreePerSecond: treeAtOnce.steps.length / (treeAtOnce.stepping / 1000),
  };
}

/**
 * Plays `episodes` episodes, all slots at once, and calls `report` ten times on the way: does memory stay flat?
 * @returns ms for all of them.
 */
export async function soakEnvironment(
  options: EnvironmentBenchOptions & { episodes: number },
  report: (played: number) => Promise<void>,
): Promise<number> {
  const { container, frames = 16, tasks = TASKS, episodes } = options;
  const pool = new FramePool({ container, frames, config: environmentConfig(true) });
  const began = performance.now();
  const rounds = Math.ceil(episodes / frames);
  const perReport = Math.max(1, Math.floor(rounds / 10));
  try {
    for (let round = 0; round < rounds; round++) {
      if (round % perReport === 0) await report(round * frames);
      await play(pool, frames, 1, tasks, { atOnce: true, announced: true, typing: false, from: round });
    }
    await report(rounds * frames);
    return performance.now() - began;
  } finally {
    pool.dispose();
  }
}

const STEPS = 5;

function environmentConfig(screenshot: boolean): EnvironmentConfig {
  return {
    ...DEFAULT_CONFIG,
    observation: { ...DEFAULT_CONFIG.observation, use_screenshot: screenshot },
  };
}

interface Manner {
  /** All slots at once, or one after the other. */
  atOnce: boolean;
  /** Whether a slot is told which task comes next. */
  announced: boolean;
  typing: boolean;
  from?: number;
}

interface Played {
  resets: number[];
  steps: number[];
  /** ms in which all slots together were reset, and stepped. */
  resetting: number;
  stepping: number;
}

/** Rounds in lock-step, as a rollout plays them: all slots reset, then all step, and so on. */
async function play(
  pool: FramePool,
  slots: number,
  rounds: number,
  tasks: string[],
  { atOnce, announced, typing, from = 0 }: Manner,
): Promise<Played> {
  const played: Played = { resets: [], steps: [], resetting: 0, stepping: 0 };
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
  for (let round = from; round < from + rounds; round++) {
    const taskOf = (slot: number) => tasks[(round + slot) % tasks.length]!;
    if (announced) for (let slot = 0; slot < slots; slot++) await pool.expect(slot, taskOf(slot));
    await pool.prepared();
    const fields: string[] = [];
    const reset = async (slot: number) => {
      const { observation } = await pool.reset(slot, taskOf(slot), round * slots + slot);
      fields[slot] = /\[(\d+)\] textbox/.exec(observation.axtree)?.[1] ?? '';
    };
    played.resetting += await everySlot(reset, played.resets);
    for (let step = 0; step < STEPS; step++) {
      // None of it ends an episode.
      const moving = step % 2 === 0 ? "press('13', 'Shift')" : "click('11')";
      const text = (slot: number) => (typing ? `fill('${fields[slot]}', 'text ${step}')` : moving);
      played.stepping += await everySlot(slot => pool.step(slot, text(slot)), played.steps);
    }
  }
  return played;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
