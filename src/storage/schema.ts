/** The IndexedDB schema: runs, their metrics and episodes, checkpoints, imported models. One version number for all. */
import type { DBSchema } from 'idb';
import type { RunConfig } from '../config.ts';
import type {
  ActionTrace,
  DeviceInfo,
  EpisodeRecord,
  EvaluationResult,
  PolicyInfo,
  Software,
} from '../protocol.ts';

export const DATABASE_NAME = 'browser-grpo';
export const DATABASE_VERSION = 4;

/** A user's own task; src/tasks/own/own-task.ts says what its parts mean. */
export interface OwnTaskRow {
  name: string;
  goal: string;
  html: string;
  setup: string;
  reward: string;
  savedAt: number;
}

/** One stretch of a run, from its start or a resume to its end or the next: what computed it. */
export interface RunSession {
  /** Steps taken before it. */
  fromStep: number;
  /** ISO 8601. */
  startedAt: string;
  /** `max_steps` as it then was, which the learning rate follows. */
  maxSteps: number;
  device: DeviceInfo;
  policy: PolicyInfo;
  software: Software;
}

export interface RunRow {
  id: string;
  name: string;
  createdAt: number;
  updatedAt: number;
  config: RunConfig;
  /** `running` in storage after a reload means that the tab closed on it: interrupted. */
  status: 'running' | 'paused' | 'finished' | 'stopped' | 'failed';
  step: number;
  /** Step of the current checkpoint, -1 for none. Flipped in the transaction that verified the checkpoint's rows. */
  checkpointStep: number;
  failure: string;
  /** The user's own tasks that the run plays, as they were when it began. Absent in runs of older versions. */
  ownTasks?: Omit<OwnTaskRow, 'savedAt'>[];
  /** What a person demonstrated, as far as the run learns from it. */
  demonstrations?: ActionTrace[];
  /** Step of the best evaluation; its checkpoint is kept when it was after a step. */
  bestStep?: number;
  /** What the run was computed with, one entry each time it began or was resumed. Absent in runs of older versions. */
  sessions?: RunSession[];
}

export interface MetricRow {
  runId: string;
  step: number;
  metrics: Record<string, number>;
  time: number;
}

export interface EpisodeRow extends EpisodeRecord {
  id?: number;
  runId: string;
}

export interface EvaluationRow {
  runId: string;
  step: number;
  result: EvaluationResult;
}

export interface CheckpointRow {
  runId: string;
  step: number;
  /**
   * Safetensors: trainable weights and optimizer moments. A blob, since Chromium takes no more than 127 MiB as one value;
   * bytes in rows from before 2026-11-29.
   */
  tensors: Blob | Uint8Array;
  /** SHA-256 of `tensors`, hex. */
  sha256: string;
  /** Everything else that resuming needs: optimizer step, cursors, metrics windows. JSON. */
  state: string;
  savedAt: number;
}

export interface ModelFileRow {
  modelId: string;
  path: string;
  blob: Blob;
}

/** One imported folder; its files are rows of `models`. Written in the same transaction as they are. */
export interface ImportRow {
  id: string;
  name: string;
  /** A whole Hub folder, or a PEFT adapter that needs `base`. */
  kind: 'model' | 'adapter';
  /** For an adapter: `model` of the configuration it was trained with. */
  base: string | null;
  bytes: number;
  importedAt: number;
}

/** A copy of MiniWoB++'s html folder. */
export interface PageFolderRow {
  /** Fingerprint of its files; `environment` says `pages:<id>`. */
  id: string;
  /** What was picked, or the address that it was fetched from. */
  name: string;
  tasks: string[];
  bytes: number;
  addedAt: number;
}

/** The files of one folder by their paths. Apart from its row, so that listing folders reads no files. */
export interface PageFilesRow {
  folderId: string;
  files: Map<string, Blob>;
}

/** A task that a person solved in the page. */
export interface DemonstrationRow {
  id: string;
  task: string;
  seed: number;
  /** `environment` of the configuration. */
  environment: string;
  actionSet: RunConfig['action_set'];
  goal: string;
  /** What the person saw before each action, without pixels, which task, seed and actions draw again, and what it brought. */
  turns: {
    axtree: string;
    focusedBid: string;
    lastActionError: string;
    action: string;
    reward: number;
  }[];
  rawReward: number;
  /** ms since the epoch. */
  recordedAt: number;
}

export interface BrowserGrpoSchema extends DBSchema {
  runs: { key: string; value: RunRow; indexes: { createdAt: number } };
  metrics: { key: [string, number]; value: MetricRow; indexes: { runId: string } };
  episodes: { key: number; value: EpisodeRow; indexes: { runId: string; runStep: [string, number] } };
  evaluations: { key: [string, number]; value: EvaluationRow; indexes: { runId: string } };
  checkpoints: { key: [string, number]; value: CheckpointRow; indexes: { runId: string } };
  models: { key: [string, string]; value: ModelFileRow; indexes: { modelId: string } };
  imports: { key: string; value: ImportRow };
  ownTasks: { key: string; value: OwnTaskRow };
  pageFolders: { key: string; value: PageFolderRow };
  pageFiles: { key: string; value: PageFilesRow };
  demonstrations: { key: string; value: DemonstrationRow; indexes: { task: string } };
}
