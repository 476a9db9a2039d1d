/** A page's session: one worker, one state, at most one run under way. Knows no element but the one that holds the frames. */
import * as Comlink from 'comlink';
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import { toErrorInfo } from '../errors.ts';
import type {
  ActionTrace,
  EvaluateOptions,
  EvaluationResult,
  RunEnd,
  RunEvent,
  RunStart,
} from '../protocol.ts';
import { validateConfig } from '../config/validate.ts';
import { deleteUnsaved, putRun, updateRun } from '../storage/runs.ts';
import type { RunRow } from '../storage/schema.ts';
import { resolveModel, type ResolvedModel } from './model-source.ts';
import { ActiveRun } from './active-run.ts';
import { openEnvironment, WatchedEnvironment, type OpenEnvironment } from './environment.ts';
import { Demonstrations } from './demonstrations.ts';
import { OwnTasks, usedOf } from './own-tasks.ts';
import { RunExports } from './run-exports.ts';
import { withRun } from './run-lock.ts';
import { nameRun } from './run-names.ts';
import { RemoteModels } from './remote-models.ts';
import { Servers } from './servers.ts';
import { Shelf } from './shelf.ts';
import { initialState, isActive, withNotice, type SessionState, type SlotState } from './state.ts';
import { Store } from './store.ts';
import { missingPages } from '../storage/pages.ts';
import { TaskPages } from './task-pages.ts';
import { TrainerHost } from './trainer-host.ts';

export interface TrainOptions {
  /** Used instead of what is recorded in this browser. */
  demonstrations?: ActionTrace[];
  /** Used instead of what `config.model` names. */
  model?: ResolvedModel;
  initialize?: boolean;
  /** Addresses of demonstrations that were collected before. */
  collections?: readonly string[];
  /** Step after which the run is finished although `max_steps`, which the learning rate follows, are more. */
  endAfter?: number;
}

export class Session {
  readonly store = new Store<SessionState>(initialState(DEFAULT_CONFIG));
  readonly shelf = new Shelf(this.store);
  readonly models = new RemoteModels(this.store, () => this.#host.trainer);
  readonly ownTasks = new OwnTasks(this.store);
  readonly demonstrations = new Demonstrations(this.store);
  readonly pages = new TaskPages(this.store);
  readonly servers = new Servers(this.store);
  readonly exports: RunExports;
  readonly #host = new TrainerHost();
  readonly #listeners = new Set<(event: RunEvent) => void>();
  readonly #frames: HTMLElement;
  /** The run under way or the last one: its unwritten rows wait here. */
  #active: ActiveRun | undefined;
  /** Demonstrations of a recorded run that the next run does again; null for those of this browser. */
  #repeated: ActionTrace[] | null = null;
  #checking: Promise<void> = Promise.resolve();

  /** @param frames  stays in the document and is never moved: moving an iframe reloads it. */
  constructor(frames: HTMLElement) {
    this.#frames = frames;
    // A full disk is a reason to export, not one against it.
    const settle = async () => this.#active?.recorder.flush().catch(error => this.#tell(error));
    this.exports = new RunExports(this.#host, frames, settle);
  }

  get state(): SessionState {
    return this.store.value;
  }

  /** Reads what is stored and looks at the device; nothing is downloaded and nothing trains. */
  async open(config: RunConfig): Promise<void> {
    this.store.update({ config });
    await this.shelf.open().catch(error => this.#tell(error));
    await this.models.refresh().catch(error => this.#tell(error));
    await this.ownTasks.refresh().catch(error => this.#tell(error));
    await this.demonstrations.refresh().catch(error => this.#tell(error));
    await this.pages.refresh().catch(error => this.#tell(error));
    if (this.pages.missing(config)) this.notify('pages-missing', missingPages(config.environment));
    await this.checkDevice();
  }

  /** Asks the worker which device it would train on, and whether it can. */
  checkDevice(): Promise<void> {
    if (!isActive(this.state.status)) this.#checking = this.#check();
    return this.#checking;
  }

  async #check(): Promise<void> {
    this.store.update({ status: 'cold', device: null, error: null });
    try {
      const device = await this.#host.trainer.call(trainer => trainer.device(this.state.config.backend));
      this.store.update({ device, status: 'ready' });
    } catch (error) {
      this.#host.restart();
      this.store.update({ status: 'cannot', error: toErrorInfo(error) });
    }
  }

  /**
   * Replaces the configuration of the next run.
   * @param demonstrations  of a recorded run that it does again; null for those of this browser
   */
  configure(config: RunConfig, demonstrations: ActionTrace[] | null = null): void {
    const recheck = config.backend !== this.state.config.backend && !isActive(this.state.status);
    this.#repeated = demonstrations;
    this.store.update({ config });
    if (!recheck) return;
    this.#host.restart();
    void this.checkDevice();
  }

  onEvent(listener: (event: RunEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts a new run with the present configuration; resolves when it ends. */
  async train(options: TrainOptions = {}): Promise<RunEnd & { runId: string }> {
    const { runs } = this.state;
    const config = options.model ? this.state.config : await this.models.pinned(this.state.config);
    const now = Date.now();
    const run: RunRow = {
      id: crypto.randomUUID().slice(0, 8),
      name: nameRun(new Set(runs.map(run => run.name))),
      createdAt: now,
      updatedAt: now,
      config: validateConfig(config),
      status: 'running',
      step: 0,
      checkpointStep: -1,
      failure: '',
      ownTasks: usedOf(this.ownTasks.all, config),
      demonstrations:
        options.demonstrations ?? this.#repeated ?? this.demonstrations.tracesFor(validateConfig(config)),
    };
    return withRun(run, () =>
      this.#run(run, options, async () => {
        await putRun(run);
        this.store.update({ metrics: [], evaluations: [], episodes: [] });
      }),
    );
  }

  /**
   * Goes on with a stored run from its checkpoint, or from its start when it has none.
   *
   * @param moreSteps  optimizer steps beyond the configured ones, for a run that has taken them all.
   * @throws {RunError} run-elsewhere
   */
  async continue(runId: string, moreSteps = 0): Promise<RunEnd & { runId: string }> {
    const name = this.state.runs.find(run => run.id === runId)?.name ?? runId;
    return withRun({ id: runId, name }, async () => {
      // As it is now: another tab may have trained it since this one read its list.
      const stored = await this.shelf.resumable(runId, name);
      // Settings that are younger than the run take their defaults.
      const config = validateConfig({ ...stored.config, max_steps: stored.config.max_steps + moreSteps });
      const step = Math.max(0, stored.checkpointStep);
      const run: RunRow = { ...stored, config, step, status: 'running', failure: '' };
      const { checkpointStep } = run;
      return this.#run(run, {}, async () => {
        await updateRun(run.id, { config, step, checkpointStep, status: 'running', failure: '' });
        await deleteUnsaved(run.id, checkpointStep);
        await this.shelf.load(run);
      });
    }).catch(async error => {
      await this.shelf.refresh().catch(cause => this.#tell(cause));
      throw error;
    });
  }

  async pause(): Promise<void> {
    if (this.state.status !== 'running') return;
    this.store.update({ status: 'pausing' });
    await this.#host.present?.call(trainer => trainer.pause());
  }

  async resume(): Promise<void> {
    if (this.state.status !== 'paused') return;
    await this.#active?.resume();
    this.store.update({ status: 'running' });
    await this.#host.present?.call(trainer => trainer.resume());
  }

  async stop(): Promise<void> {
    if (!isActive(this.state.status)) return;
    this.store.update({ status: 'stopping' });
    await this.#host.present?.call(trainer => trainer.stop());
  }

  /** Success on held-out seeds without training. */
  async evaluate(
    config: RunConfig,
    options: EvaluateOptions,
    { model, initialize }: TrainOptions = {},
  ): Promise<EvaluationResult> {
    await this.#checking;
    const source = model ?? (await resolveModel(config.model));
    const start: RunStart = { runId: 'evaluation', config, initialize, ...source };
    const environment = await openEnvironment(this.#frames, config, this.ownTasks.all);
    return this.#host.evaluate(start, options, environment, event => this.#tellListeners(event));
  }

  notify(code: string, text: string): void {
    this.store.update({ notices: withNotice(this.state.notices, code, text) });
  }

  async #run(
    run: RunRow,
    options: TrainOptions,
    prepare: () => Promise<void>,
  ): Promise<RunEnd & { runId: string }> {
    await this.#checking;
    if (isActive(this.state.status)) throw new Error('A run is under way already.');
    this.store.update({
      status: 'running',
      error: null,
      interrupted: null,
      phase: null,
      slots: [],
      secondsPerStep: NaN,
    });
    const active = new ActiveRun(run, this.store, error => this.#notStored(error));
    this.#active = active;
    let frames: WatchedEnvironment | undefined;
    try {
      const source = options.model ?? (await resolveModel(run.config.model));
      const see = (slot: number, seen: Partial<SlotState>) => active.see(slot, seen);
      const opened = await openEnvironment(this.#frames, run.config, run.ownTasks ?? []);
      frames = new WatchedEnvironment(opened, see);
      await this.#tellSlots(opened, run.config);
      await prepare();
      this.store.update({ run });
      await this.shelf.refresh();
      const environment = Comlink.proxy(frames);
      const start: RunStart = {
        runId: run.id,
        config: run.config,
        initialize: options.initialize,
        demonstrations: run.demonstrations,
        collections: options.collections,
        endAfter: options.endAfter,
        ...source,
      };
      if (run.checkpointStep >= 0) start.resumeAt = run.checkpointStep;
      const onEvent = Comlink.proxy((event: RunEvent) => {
        active.take(event);
        this.#tellListeners(event);
      });
      await active.begin();
      this.#host.holds = run.id;
      const end = await this.#host.trainer.call(trainer => trainer.run(start, environment, onEvent));
      // The run is done whether or not its last rows fit on the disk; they stay queued.
      await active.recorder.flush().catch(error => this.#notStored(error));
      await this.#close(run, { status: end.reason, step: end.step });
      return { ...end, runId: run.id };
    } catch (error) {
      await active.recorder.flush().catch(cause => this.#tell(cause));
      // A device that failed once is not to be trusted with the next run.
      this.#host.restart();
      await this.#close(run, { status: 'failed', failure: toErrorInfo(error).message });
      this.store.update({ error: toErrorInfo(error) });
      throw error;
    } finally {
      frames?.dispose();
      await active.end();
      // A run may have downloaded its policy.
      await this.models.refresh().catch(error => this.#tell(error));
    }
  }

  async #close(run: RunRow, change: Pick<RunRow, 'status'> & Partial<RunRow>): Promise<void> {
    const stored = this.state.runs.some(row => row.id === run.id);
    try {
      if (stored) this.store.update({ run: await updateRun(run.id, change) });
      await this.shelf.refresh();
    } catch (error) {
      this.#tell(error);
    }
    // A run that could not even be stored never began.
    this.store.update({ status: stored ? (change.status as SessionState['status']) : 'ready', phase: null });
  }

  /** A server may have fewer sessions than the run wants frames. */
  async #tellSlots(environment: OpenEnvironment, { frames }: RunConfig): Promise<void> {
    const slots = await environment.capacity();
    if (slots < frames)
      this.notify(
        'fewer-slots',
        `The server has room for ${slots} sessions, so ${slots} episodes run side by side and not ${frames}.`,
      );
  }

  #tellListeners(event: RunEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** A write failed: the run waits with its rows in memory until there is room. */
  #notStored(error: unknown): void {
    this.store.update({ error: toErrorInfo(error) });
    void this.pause().catch(cause => this.#tell(cause));
  }

  #tell(error: unknown): void {
    const { code, message } = toErrorInfo(error);
    this.notify(code, message);
  }
}
