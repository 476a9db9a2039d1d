/**
 * The whole contract between page and worker: services called through Comlink, and the events a run sends back. The trainer, which
 * the worker serves and the page calls, is here; the environment and the events have files of their own.
 */
import type { RunConfig } from './config.ts';
import type { EnvironmentService } from './protocol/environment.ts';
import type { DeviceInfo, EvaluationResult, RunEvent } from './protocol/events.ts';

export type * from './protocol/environment.ts';
export type * from './protocol/events.ts';

/** A model that lies on a Hub or at an address: the worker downloads, checks and keeps it. */
export interface RemoteModel {
  /** As RunConfig.model writes it: `hub:owner/name@revision`, or an address. */
  name: string;
  /** Access token of the Hub, for private and gated repositories. */
  token?: string;
}

/** A model folder in Hub layout: by address on this site (with trailing slash), as files at hand, or elsewhere. */
export type ModelSource = { url: string } | { files: Map<string, Blob> } | RemoteModel;

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
  /** Step after which the run is finished although `max_steps`, which the learning rate follows, are more. */
  endAfter?: number;
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
