/** What the rollout speaks of: an episode, its turns, and who acts in it. */
import type { Prompt } from '../models/policy.ts';
import type { Observation, Pixels } from '../protocol.ts';

/** Which episode to play; `group` and `generation` name its place in the batch and key its random draws. */
export interface EpisodeSpec {
  task: string;
  seed: number;
  group: number;
  generation: number;
}

/** What the policy was asked and what it said, in tokens. */
export interface Sample {
  prompt: Prompt;
  /** The stop token is among them, unless max_completion_length came first. */
  completionIds: Int32Array;
  /** [completionIds.length], under the distribution that was sampled from, at its temperature. */
  logps: Float32Array;
  truncated: boolean;
}

export interface Turn {
  /** Null for an actor that is no policy. */
  sample: Sample | null;
  /** What was said, without special tokens. */
  completion: string;
  /** The rendered prompt without the image, or the page's text for an actor that is no policy. */
  promptText: string;
  /** What the actor saw. */
  screenshot: Pixels | null;
  /** The action as the environment understood it. */
  action: string;
  /** `<ExceptionClass>: <message>` that the action met, '' when it ran. */
  error: string;
  reward: number;
  rawReward: number;
}

export interface Episode {
  spec: EpisodeSpec;
  goal: string;
  turns: Turn[];
  /** BrowserGym's reward of every step taken. */
  stepRewards: number[];
  /** The last raw reward, in [-1, 1]. */
  rawReward: number;
  /** The task ended before the turns ran out. */
  done: boolean;
  success: boolean;
  /** Why the environment failed, '' when it did not. A failed episode is void, not worth 0. */
  failure: string;
}

/** A question to an actor: what would you do here? */
export interface TurnRequest {
  spec: EpisodeSpec;
  slot: number;
  /** 0 for the first. */
  turn: number;
  observation: Observation;
}

export interface TurnReply {
  text: string;
  promptText: string;
  screenshot: Pixels | null;
  sample: Sample | null;
}

/**
 * Decides one turn of every running episode at once, so that a policy can batch them.
 * An Error in place of a reply goes the way of an error of that slot's environment.
 */
export type Actor = (requests: TurnRequest[]) => Promise<(TurnReply | Error)[]>;
