/** The whole contract between page and worker: services called through Comlink, and the events a run sends back. */
import type { ElementProperties, Look } from './frame/protocol.ts';
import type { RunConfig } from './config.ts';
import type { ErrorInfo } from './errors.ts';

// ---------------------------------------------------------------- environment: the page serves it, the worker calls it

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

// ---------------------------------------------------------------- trainer: the worker serves it, the page calls it

/** A model that lies on a Hub or at an address: the worker downloads, checks and keeps it. */
export interface RemoteModel {
  /** As RunConfig.model writes it: `hub:owner/name@revision`, or an address. */
  name: string;
  /** Access token of the Hub, for private and gated repositories. */
  token?: string;
}

/** A model folder in Hub layout: by address on this site (with trailing slash), as files at hand, or elsewhere. */
export type ModelSource = { url: string } | { files: Map<string, Blob> } | RemoteModel;

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

/** An episode by what was done in it: with its task and seed, everything that it was. */
export interface ActionTrace {
  task: string;
  seed: number;
  /** In BrowserGym's grammar, in order. */
  actions: string[];
}

/** How a run begins: afresh, or from one of its checkpoints in storage. */
export interface RunStart {
  runId: string;
  config: RunConfig;
  model: ModelSource;
  /** Draws the weights from the run's seed instead of reading model.safetensors: a policy from scratch. */
  initialize?: boolean;
  /** PEFT adapter to start from. */
  adapter?: { files: Map<string, Blob> };
  /** What a person demonstrated, for method sft. */
  demonstrations?: ActionTrace[];
  /** Addresses of what earlier warm starts collected, for method sft: nothing is played then. */
  collections?: readonly string[];
  /** Step of the stored checkpoint to resume at; the run then takes the steps it would have taken. */
  resumeAt?: number;
}

/** A PEFT adapter, or the whole model with the adapter merged, in float32, bfloat16 or float16. */
export const EXPORT_KINDS = ['adapter', 'model', 'model-bf16', 'model-f16'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

export const isExportKind = (name: string): name is ExportKind => EXPORT_KINDS.some(kind => kind === name);

export interface RunEnd {
  reason: 'finished' | 'stopped';
  step: number;
}

export interface TrainerService {
  device(backend: RunConfig['backend']): Promise<DeviceInfo>;
  /** Runs until finished or stopped; rejects with a coded error otherwise. `onEvent` must be a Comlink proxy. */
  run(start: RunStart, environment: EnvironmentService, onEvent: (event: RunEvent) => void): Promise<RunEnd>;
  /** Takes effect between two phases; a checkpoint is written before the pause begins. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the run after the current phase, with a checkpoint. */
  stop(): Promise<void>;
  /** Greedy (or sampled) evaluation of a policy, without training. */
  evaluate(
    start: RunStart,
    options: EvaluateOptions,
    environment: EnvironmentService,
    onEvent: (event: RunEvent) => void,
  ): Promise<EvaluationResult>;
  /** Files of the checkpoint at the current step of the current or last run: PEFT adapter, or full model folder. */
  export(kind: ExportKind): Promise<Map<string, Uint8Array>>;
  /** The demonstrations that the current or last warm start collected, as a file for `RunStart.collections`. */
  collection(): Promise<Uint8Array>;
  /** What a run with a model needs and whether it fits here; weights are not downloaded. */
  lookUp(model: RemoteModel, config: RunConfig): Promise<ModelPlan>;
  /** The model's name with its revision pinned to a commit; nothing but the listing is downloaded. */
  pin(model: RemoteModel): Promise<string>;
  /** Brings a model's files into this browser's cache. `onProgress` must be a Comlink proxy. */
  download(model: RemoteModel, onProgress: (progress: DownloadProgress) => void): Promise<void>;
  /** Stops the download under way; what has arrived is kept for the next one. */
  cancelDownload(): Promise<void>;
}

export interface MemoryNeed {
  what: string;
  bytes: number;
}

/** What is known of a run before its model is downloaded. */
export interface ModelPlan {
  family: string;
  parameters: number;
  /** Bytes that loading reads; null where the server lists nothing. */
  download: number | null;
  /** Bytes that the browser lets this site store; null where it does not say. */
  room: number | null;
  /** Memory of the device, part by part. */
  needs: MemoryNeed[];
  /** Why it will not fit, a sentence; '' when it does as far as can be told. */
  problem: string;
  /** With a problem: what would help. */
  advice: string;
}

export interface DownloadProgress {
  /** Bytes that are here. */
  loaded: number;
  /** Bytes in all; 0 while unknown. */
  total: number;
  /** Bytes a second over the last seconds; 0 until it can be told. */
  rate: number;
  /** File that is coming in. */
  file: string;
}

export interface EvaluateOptions {
  episodes: number;
  sampled: boolean;
  policy: 'model' | 'random' | 'oracle';
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

// ---------------------------------------------------------------- events of a run

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
