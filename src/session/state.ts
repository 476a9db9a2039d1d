/** All that the page shows, as one record, and how each event of a run changes it. */
import type { RunConfig } from '../config.ts';
import type { ErrorInfo } from '../errors.ts';
import type {
  DeviceInfo,
  DownloadProgress,
  EpisodeRecord,
  EvaluationResult,
  Phase,
  PolicyInfo,
  RunEvent,
} from '../protocol.ts';
import type { DemonstrationRow, ImportRow, MetricRow, PageFolderRow, RunRow } from '../storage/schema.ts';
import type { ServerState } from './servers.ts';
import type { OwnTask } from '../tasks/own/own-task.ts';
import type { StoredModel } from '../storage/weights/cache.ts';

export type Status =
  /** The device is being looked at. */
  | 'cold'
  | 'ready'
  | 'running'
  /** Asked to pause; the phase under way is finished first. */
  | 'pausing'
  | 'paused'
  | 'stopping'
  | 'finished'
  | 'stopped'
  | 'failed'
  /** No backend works here. */
  | 'cannot';

export interface PhaseState {
  phase: Phase;
  step: number;
  done: number;
  total: number;
  note: string;
  /** Bytes a second of a download; 0 for anything else. */
  rate: number;
}

export interface SlotState {
  task: string;
  goal: string;
  action: string;
  reward: number;
  done: boolean;
}

/** Something to tell that stops nothing. */
export interface Notice {
  id: number;
  text: string;
  /** Code of the warning or of the action that it is about. */
  code: string;
}

export interface SessionState {
  status: Status;
  config: RunConfig;
  device: DeviceInfo | null;
  policy: PolicyInfo | null;
  /** Bytes on the GPU in the last step; 0 where nothing says so. */
  memory: number;
  phase: PhaseState | null;
  /** Seconds a step over the last steps; NaN until two are done. */
  secondsPerStep: number;
  /** The run that is shown: the one under way, else the one opened last. */
  run: RunRow | null;
  metrics: MetricRow[];
  evaluations: EvaluationResult[];
  slots: SlotState[];
  /** Training episodes of the last finished step and of the step under way. */
  episodes: EpisodeRecord[];
  runs: RunRow[];
  /** Ids of the runs that other tabs were working on when `runs` was read. */
  elsewhere: ReadonlySet<string>;
  models: ImportRow[];
  /** What this browser keeps of models that lie elsewhere. */
  downloaded: StoredModel[];
  /** The download under way that no run waits for. */
  download: DownloadProgress | null;
  /** The user's own tasks, saved or brought in by the link. */
  ownTasks: readonly OwnTask[];
  /** Copies of MiniWoB++'s pages that this browser keeps. */
  pageFolders: readonly PageFolderRow[];
  /** The OpenEnv servers that were chosen in this tab. */
  servers: readonly ServerState[];
  /** What was recorded of tasks that a person did. */
  demonstrations: readonly DemonstrationRow[];
  interrupted: RunRow | null;
  notices: Notice[];
  error: ErrorInfo | null;
}

export function initialState(config: RunConfig): SessionState {
  return {
    status: 'cold',
    config,
    device: null,
    policy: null,
    memory: 0,
    phase: null,
    secondsPerStep: NaN,
    run: null,
    metrics: [],
    evaluations: [],
    slots: [],
    episodes: [],
    runs: [],
    elsewhere: new Set(),
    models: [],
    downloaded: [],
    download: null,
    ownTasks: [],
    pageFolders: [],
    servers: [],
    demonstrations: [],
    interrupted: null,
    notices: [],
    error: null,
  };
}

/** Whether a run is under way, paused included. */
export function isActive(status: Status): boolean {
  return status === 'running' || status === 'pausing' || status === 'paused' || status === 'stopping';
}

/** The fields that `event` changes. Time and status are the session's business. */
export function applyEvent(state: SessionState, event: RunEvent, now: number): Partial<SessionState> {
  switch (event.kind) {
    case 'phase': {
      const { phase, step, done, total, note, rate } = event;
      return { phase: { phase, step, done, total, note: note ?? '', rate: rate ?? 0 } };
    }
    case 'device':
      return { device: event.device, policy: event.policy };
    case 'metrics': {
      const row: MetricRow = { runId: event.runId, step: event.step, metrics: event.metrics, time: now };
      const metrics = [...state.metrics.filter(known => known.step < event.step), row];
      return { metrics, run: state.run && { ...state.run, step: event.step } };
    }
    case 'evaluation': {
      const before = state.evaluations.filter(known => known.step < event.result.step);
      return { evaluations: [...before, event.result] };
    }
    case 'memory':
      return { memory: event.bytes };
    case 'checkpoint':
      return { run: state.run && { ...state.run, checkpointStep: event.step } };
    // The session sees what the frames show before the worker can tell.
    case 'slot':
      return {};
    case 'episode': {
      if (event.episode.split === 'held-out') return {};
      const recent = state.episodes.filter(known => known.step >= event.episode.step - 1);
      return { episodes: [...recent, event.episode] };
    }
    case 'warning': {
      const { code, message } = event.error;
      // A full disk is met again and again, each time with other numbers.
      const others = state.notices.filter(notice => code !== 'storage-full' || notice.code !== code);
      return { notices: withNotice(others, code, message) };
    }
  }
}

let lastNotice = 0;

/** Adds a notice, in place of an older one of the same code and text. */
export function withNotice(notices: Notice[], code: string, text: string): Notice[] {
  const others = notices.filter(notice => notice.code !== code || notice.text !== text);
  return [...others, { id: ++lastNotice, code, text }];
}
