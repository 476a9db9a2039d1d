/** The environment as the page serves it and the worker calls it: episodes, and what they show. */
import type { ElementProperties, Look } from '../frame/protocol.ts';

/** RGB or RGBA pixels, row-major, 8 bits a channel. */
export interface Pixels {
  width: number;
  height: number;
  channels: 3 | 4;
  data: Uint8Array | Uint8ClampedArray;
}

/** What BrowserGym's observation holds, as far as a policy reads it. */
export interface Observation {
  goal: string;
  /** flatten_axtree_to_str of the page, options from the run's configuration. */
  axtree: string;
  /** prune_html(flatten_dom_to_str()) of the page, '' unless the run asks for it. */
  html: string;
  /** The task area at scale 1 (160 × 210 CSS px); null when the run does not look. */
  screenshot: Pixels | null;
  /** bid of the focused element, '' for none. */
  focusedBid: string;
  lastAction: string;
  /** `<ExceptionClass>: <message>` as BrowserGym words it, '' when the action ran. */
  lastActionError: string;
  /** BrowserGym's extra_element_properties, where the pool was told to observe them. */
  elements?: ElementProperties[];
}

export type { Look };

export interface StepResult {
  observation: Observation;
  /** BrowserGym's step reward: 1 when the raw reward is positive, else 0. */
  reward: number;
  /** MiniWoB's WOB_RAW_REWARD_GLOBAL, in [-1, 1]. */
  rawReward: number;
  done: boolean;
}

/** One of the oracle's turns: what a perfect agent would say now. Empty when the task is done or the oracle has no move. */
export type OracleAction = string;

/**
 * A pool of episodes in sandboxed frames. Slots are independent; calls on different slots may overlap.
 * Every method rejects with an `EnvironmentError` (see src/env/errors.ts) when the frame failed; the episode is then void, not worth 0.
 */
export interface EnvironmentService {
  /** Slots that run at once; a reset on a higher slot is an error. */
  capacity(): Promise<number>;
  /** Starts task `task` with BrowserGym's `seed` in `slot`. */
  reset(slot: number, task: string, seed: number): Promise<StepResult>;
  /** A hint, no promise: `slot` will most likely be reset to this task and seed next, so its episode can be begun ahead. */
  expect(slot: number, task: string, seed: number): Promise<void>;
  /**
   * Runs what `text` says by the action grammar. Errors of grammar or of the page come back in `lastActionError`.
   * @param look  spares the environment an observation that nobody will read, which is then empty but for goal, action and error
   */
  step(slot: number, text: string, look?: Look): Promise<StepResult>;
  /** The action that the task's scripted oracle would take now. */
  oracle(slot: number): Promise<OracleAction>;
  /**
   * What a user's own reward function makes of finished episodes, one number or null each. `source` is a JavaScript
   * expression that is a function of one episode; it runs in an opaque origin without network, for a bounded time.
   * Rejects with a CodedError `reward-function` when it throws, takes too long, or returns something else.
   */
  judge(source: string, episodes: JudgedEpisode[]): Promise<(number | null)[]>;
}

/** An episode as a user's reward function sees it. */
export interface JudgedEpisode {
  task: string;
  seed: number;
  goal: string;
  turns: {
    text: string;
    action: string;
    /** `<ExceptionClass>: <message>`, '' when the action ran. */
    error: string;
    reward: number;
    rawReward: number;
    /** Tokens of the reply. */
    tokens: number;
  }[];
  rawReward: number;
  success: boolean;
}
