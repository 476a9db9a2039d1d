/** For tests of the loop: episodes whose reward depends on nothing but the seed and what was said, at no cost. */
import type { EnvironmentService, JudgedEpisode, Look, Pixels, StepResult } from '../protocol.ts';

/** A named error as the frame pool's, without its room. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

export interface ScriptedOptions {
  slots?: number;
  /** Turns until an episode ends by itself. */
  turns?: number;
  /** The step reward of what was said. Default: 1 for a text of even length. */
  reward?: (text: string, seed: number) => number;
  /** Throws for an episode that must fail. */
  fail?: (task: string, seed: number) => boolean;
}

interface Slot {
  task: string;
  seed: number;
  texts: string[];
  done: boolean;
}

/** Keeps a log of what was asked of it. */
export class ScriptedEnvironment implements EnvironmentService {
  readonly resets: { task: string; seed: number }[] = [];
  readonly steps: { task: string; seed: number; text: string; look?: Look }[] = [];
  readonly #slots: (Slot | undefined)[] = [];

  constructor(readonly options: ScriptedOptions = {}) {}

  async capacity(): Promise<number> {
    return this.options.slots ?? 8;
  }

  async expect(): Promise<void> {}

  async reset(slot: number, task: string, seed: number): Promise<StepResult> {
    this.resets.push({ task, seed });
    if (this.options.fail?.(task, seed)) throw new EnvironmentError(`the page of ${task} threw`);
    this.#slots[slot] = { task, seed, texts: [], done: false };
    return this.#observe(slot, 0);
  }

  async step(slot: number, text: string, look?: Look): Promise<StepResult> {
    const state = this.#slots[slot]!;
    if (state.done) throw new Error(`slot ${slot} was stepped after its episode was done`);
    this.steps.push({ task: state.task, seed: state.seed, text, look });
    state.texts.push(text);
    state.done = state.texts.length >= (this.options.turns ?? 1);
    const reward = this.options.reward ?? (said => Number(said.length % 2 === 0));
    return this.#observe(slot, reward(text, state.seed));
  }

  async oracle(slot: number): Promise<string> {
    return `click('${10 + (this.#slots[slot]!.seed % 7)}')`;
  }

  /** Every episode's number of turns, whatever the source says. */
  async judge(_: string, episodes: JudgedEpisode[]): Promise<number[]> {
    return episodes.map(({ turns }) => turns.length);
  }

  #observe(slot: number, reward: number): StepResult {
    const { task, seed, texts, done } = this.#slots[slot]!;
    const bid = 10 + (seed % 7);
    return {
      observation: {
        goal: `Click on ${bid}.`,
        axtree: `[${bid}] button '${task}'`,
        html: '',
        screenshot: picture(seed),
        focusedBid: '',
        lastAction: texts.at(-1) ?? '',
        lastActionError: texts.length > 0 ? 'ValueError: nothing of the kind' : '',
      },
      reward,
      rawReward: reward,
      done,
    };
  }
}

/** 160 × 210 pixels in one of seven greys. */
function picture(seed: number): Pixels {
  const data = new Uint8Array(160 * 210 * 3).fill(30 * (seed % 7));
  return { width: 160, height: 210, channels: 3, data };
}
