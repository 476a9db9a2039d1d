/** What a run tells: the device and policy that it found, its phases, episodes and scores. */
import type { ErrorInfo } from '../errors.ts';
import type { Pixels } from './environment.ts';

export interface DeviceInfo {
  backend: 'webgpu' | 'wasm';
  /** Adapter's vendor and description, or the processor for wasm. */
  name: string;
  /** True for a software adapter such as SwiftShader. */
  software: boolean;
  features: string[];
  limits: Record<string, number>;
  /** Why webgpu was not taken and what that costs, '' otherwise. */
  notice: string;
}

/** What computes, besides the device. */
export interface Software {
  /** Package → its version: this project's own and the tensor library's. */
  versions: Record<string, string>;
  userAgent: string;
}

export interface PolicyInfo {
  family: string;
  parameters: number;
  trainableParameters: number;
  hiddenSize: number;
  layers: number;
  vocabularySize: number;
  hasVision: boolean;
}

export interface TaskScore {
  task: string;
  episodes: number;
  successes: number;
  /** Episodes whose environment failed; they count in neither of the above. */
  failed: number;
}

/** Success over several tasks. */
export interface SuccessRate {
  /** Mean of the tasks' success rates, in [0, 1]. */
  success: number;
  /** Standard error of `success`. */
  standardError: number;
  /** Wilson's 95% interval over all episodes together. */
  interval: [number, number];
  tasks: TaskScore[];
}

/** Over the tasks that the run trains on, on seeds that it never trains on. */
export interface EvaluationResult extends SuccessRate {
  step: number;
  /** Over `eval_tasks`, which the run never trains on; when there are any. */
  unseen?: SuccessRate;
  /** The same tasks and seeds, sampled as in training; with `eval_sampled`. */
  sampled?: SuccessRate;
}

export type Phase =
  'loading' | 'compiling' | 'evaluating' | 'collecting' | 'rolling-out' | 'updating' | 'saving' | 'paused';

/** One turn as it happened. */
export interface TurnRecord {
  /** What the policy was told, without the image. */
  prompt: string;
  screenshot: Pixels | null;
  completion: string;
  completionIds: number[];
  logps: number[];
  action: string;
  error: string;
  reward: number;
}

export interface EpisodeRecord {
  step: number;
  group: number;
  generation: number;
  task: string;
  seed: number;
  goal: string;
  turns: TurnRecord[];
  /** One number per reward function, in the configuration's order. */
  rewards: number[];
  /** Weighted total. */
  reward: number;
  rawReward: number;
  advantage: number;
  success: boolean;
  /** Why the environment failed, '' when it did not. */
  failure: string;
  /** Which set the seed came from. */
  split: 'train' | 'held-out';
}

export type RunEvent =
  | {
      kind: 'phase';
      runId: string;
      step: number;
      phase: Phase;
      done: number;
      total: number;
      note?: string;
      /** Of a download: bytes a second. */
      rate?: number;
    }
  | { kind: 'device'; runId: string; device: DeviceInfo; policy: PolicyInfo; software: Software }
  | { kind: 'metrics'; runId: string; step: number; metrics: Record<string, number> }
  | { kind: 'episode'; runId: string; episode: EpisodeRecord }
  | { kind: 'evaluation'; runId: string; result: EvaluationResult }
  | { kind: 'checkpoint'; runId: string; step: number; bytes: number }
  /** After every step: bytes that its tensors and idle buffers held on the GPU at most. No part of the metrics, which repeat. */
  | { kind: 'memory'; runId: string; bytes: number }
  /** What a slot is doing now, for the live grid. */
  | {
      kind: 'slot';
      runId: string;
      slot: number;
      task: string;
      goal: string;
      action: string;
      reward: number;
      done: boolean;
    }
  | { kind: 'warning'; runId: string; error: ErrorInfo };
