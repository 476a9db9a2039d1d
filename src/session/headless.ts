/**
 * `window.browserGrpo`: the page driven by a script instead of a hand. Everything that crosses is JSON, so that
 * Playwright's `page.evaluate` carries it; bytes travel as base64.
 */
import type { PageEpisode, PlayedPage } from '../env/page-episode.ts';
import type { RunConfig } from '../config.ts';
import type { OwnTaskRow } from '../storage/schema.ts';
import type {
  ActionTrace,
  DeviceInfo,
  EpisodeRecord,
  EvaluateOptions,
  EvaluationResult,
  ExportKind,
  RunEnd,
  RunEvent,
} from '../protocol.ts';

/** Path below the model folder → its bytes in base64. */
export type Base64Files = Record<string, string>;

/** An episode without its pixels. */
export type HeadlessEpisode = Omit<EpisodeRecord, 'turns'> & {
  turns: Omit<EpisodeRecord['turns'][number], 'screenshot'>[];
};

/** A run's event as JSON: as in protocol.ts, episodes without pixels. */
export type HeadlessEvent =
  Exclude<RunEvent, { kind: 'episode' }> | { kind: 'episode'; runId: string; episode: HeadlessEpisode };

export interface HeadlessOptions {
  /** A model folder in Hub layout, or a PEFT adapter on top of `config.model`; it takes the place of `config.model`. */
  modelFiles?: Base64Files;
  /** With model files that lack weights: draws them from the run's seed. Pre-training starts so. */
  initialize?: boolean;
  /** A run's own tasks, as its run.json has them. */
  ownTasks?: Omit<OwnTaskRow, 'savedAt'>[];
  /** Tasks in the files that the page exports them to. */
  ownTaskFiles?: { name: string; text: string }[];
  /** What a person demonstrated, for method sft. */
  demonstrations?: ActionTrace[];
  /** Addresses of what `collection` gave after earlier warm starts. */
  collections?: readonly string[];
  /** Step after which the run is finished although `max_steps`, which the learning rate follows, are more. */
  endAfter?: number;
}

/** Numbers of one benchmark, with their units in the names. */
export type BenchResult = Record<string, number>;

export interface BrowserGrpo {
  /**
   * Starts a run with what `config` says over the defaults, and resolves when it ended.
   * @throws {Error} with `code` in its message's first word (`code: sentence`) when it could not start or failed.
   */
  start(config: Partial<RunConfig>, options?: HeadlessOptions): Promise<RunEnd & { runId: string }>;
  /** Calls back on every event of every run; returns the function that ends that. */
  onEvent(callback: (event: HeadlessEvent) => void): () => void;
  /** Ends the run after the current phase, with a checkpoint; `start` then resolves. */
  stop(): Promise<void>;
  /** Success on held-out seeds, without training. */
  evaluate(config: Partial<RunConfig>, options: EvaluateOptions & HeadlessOptions): Promise<EvaluationResult>;
  /** Checkpoint of the current or last run: the PEFT adapter, or the full model folder, with run.json in either. */
  exportFiles(kind: ExportKind): Promise<Base64Files>;
  /** The same while a run goes on: it pauses before its next step, is exported, and resumes. */
  snapshot(kind: ExportKind): Promise<Base64Files>;
  /** The demonstrations that the last warm start collected, in base64. */
  collection(): Promise<string>;
  /** Keeps a copy of MiniWoB++'s html folder, as if it had been picked. @returns what `environment` then says */
  importPages(name: string, files: Base64Files): Promise<string>;
  device(backend: RunConfig['backend']): Promise<DeviceInfo>;
  /** `env`: medians of reset and step with `frames` frames, one call at a time and all at once, and steps a second. */
  bench(
    kind: 'env',
    options?: { frames?: number; tasks?: string[]; episodes?: number },
  ): Promise<BenchResult>;
  /** One episode on a page that is given as text, with everything that BrowserGym would tell of it. */
  playPage(request: PageEpisode): Promise<PlayedPage>;
  /** Plays `episodes` in `frames` frames and calls window.reportPlayed ten times on the way. @returns ms */
  soak(options: { frames?: number; tasks?: string[]; episodes: number }): Promise<number>;
}

declare global {
  interface Window {
    /** Set when the page is ready to be driven. */
    browserGrpo?: BrowserGrpo;
    /** Set by whoever measures memory while `soak` plays. */
    reportPlayed?: (episodes: number) => Promise<void>;
  }
}
