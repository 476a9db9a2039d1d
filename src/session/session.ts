/** A page's session: one worker, one state, at most one run under way. Knows no element but the one that holds the frames. */
import * as Comlink from 'comlink';
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import { toErrorInfo } from '../errors.ts';
import type { EvaluateOptions, EvaluationResult, RunEnd, RunEvent, RunStart } from '../protocol.ts';
import { evaluationsOf, metricsOf } from '../storage/metrics.ts';
import { deleteModel, listModels } from '../storage/models.ts';
import { deleteRun, deleteUnsaved, listRuns, putRun, updateRun } from '../storage/runs.ts';
import type { RunRow } from '../storage/schema.ts';
import { importFiles, packRun, type Imported } from './library.ts';
import { resolveModel, type ResolvedModel } from './model-source.ts';
import { openFrames } from './frames.ts';
import { Pace } from './pace.ts';
import { Recorder } from './recorder.ts';
import { lockedRuns, lockRun } from './run-lock.ts';
import { nameRun } from './run-names.ts';
import { applyEvent, initialState, isActive, withNotice, type SessionState } from './state.ts';
import { Store } from './store.ts';
import { TrainerWorker } from './trainer-worker.ts';
import { keepAwake } from './wake-lock.ts';

export interface TrainOptions {
  /** Used instead of what `config.model` names. */
  model?: ResolvedModel;
  initialize?: boolean;
}

export class Session {
  readonly store = new Store<SessionState>(initialState(DEFAULT_CONFIG));
  readonly #listeners = new Set<(event: RunEvent) => void>();
  readonly #frames: HTMLElement;
  #worker: TrainerWorker | undefined;
  #recorder: Recorder | undefined;
  #pace = new Pace();
  #checking: Promise<void> = Promise.resolve();

  /** @param frames  stays in the document and is never moved: moving an iframe reloads it. */
  constructor(frames: HTMLElement) {
    this.#frames = frames;
  }

  get state(): SessionState {
    return this.store.value;
  }

  /** Reads what is stored and looks at the device; nothing is downloaded and nothing trains. */
  async open(config: RunConfig): Promise<void> {
    this.store.update({ config });
    try {
      await this.refresh();
      const locked = await lockedRuns();
      const interrupted = this.state.runs.find(
        run => (run.status === 'running' || run.status === 'paused') && !locked.has(run.id),
      );
      this.store.update({ interrupted: interrupted ?? null });
      const latest = interrupted ?? this.state.runs[0];
      if (latest) await this.show(latest.id);
    } catch (error) {
      this.#tell(error);
    }
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
      const device = await this.#trainer().call(trainer => trainer.device(this.state.config.backend));
      this.store.update({ device, status: 'ready' });
    } catch (error) {
      this.#restartWorker();
      this.store.update({ status: 'cannot', error: toErrorInfo(error) });
    }
  }

  /** Replaces the configuration of the next run. */
  configure(config: RunConfig): void {
    const recheck = config.backend !== this.state.config.backend && !isActive(this.state.status);
    this.store.update({ config });
    if (!recheck) return;
    this.#restartWorker();
    void this.checkDevice();
  }

  onEvent(listener: (event: RunEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts a new run with the present configuration; resolves when it ends. */
  async train(options: TrainOptions = {}): Promise<RunEnd & { runId: string }> {
    const { config, runs } = this.state;
    const now = Date.now();
    const run: RunRow = {
      id: crypto.randomUUID().slice(0, 8),
      name: nameRun(new Set(runs.map(run => run.name))),
      createdAt: now,
      updatedAt: now,
      config: structuredClone(config),
      status: 'running',
      step: 0,
      checkpointStep: -1,
      failure: '',
    };
    return this.#run(run, options, async () => {
      await putRun(run);
      this.store.update({ metrics: [], evaluations: [], episodes: [] });
    });
  }

  /**
   * Goes on with a stored run from its checkpoint, or from its start when it has none.
   *
   * @param moreSteps  optimizer steps beyond the configured ones, for a run that has taken them all.
   */
  async continue(runId: string, moreSteps = 0): Promise<RunEnd & { runId: string }> {
    const stored = this.state.runs.find(run => run.id === runId) ?? this.state.run;
    const config = { ...stored!.config, max_steps: stored!.config.max_steps + moreSteps };
    const run: RunRow = { ...stored!, config, status: 'running', failure: '' };
    return this.#run(run, {}, async () => {
      await updateRun(run.id, { config, status: 'running', failure: '' });
      await deleteUnsaved(run.id, run.checkpointStep);
      await this.#load(run);
    });
  }

  async pause(): Promise<void> {
    if (this.state.status !== 'running') return;
    this.store.update({ status: 'pausing' });
    await this.#worker?.call(trainer => trainer.pause());
  }

  async resume(): Promise<void> {
    if (this.state.status !== 'paused') return;
    // What a full disk kept from being written goes first.
    await this.#recorder?.flush().catch(error => this.#tell(error));
    this.#pace.begin(performance.now());
    this.store.update({ status: 'running' });
    await this.#worker?.call(trainer => trainer.resume());
  }

  async stop(): Promise<void> {
    if (!isActive(this.state.status)) return;
    this.store.update({ status: 'stopping' });
    await this.#worker?.call(trainer => trainer.stop());
  }

  /** Success on held-out seeds without training. */
  async evaluate(
    config: RunConfig,
    options: EvaluateOptions,
    { model, initialize }: TrainOptions = {},
  ): Promise<EvaluationResult> {
    await this.#checking;
    const source = model ?? (await resolveModel(config.model));
    const frames = await openFrames(this.#frames, config);
    try {
      const start: RunStart = { runId: 'evaluation', config, initialize, ...source };
      const environment = Comlink.proxy(frames);
      const onEvent = Comlink.proxy((event: RunEvent) => this.#apply(event));
      return await this.#trainer().call(trainer => trainer.evaluate(start, options, environment, onEvent));
    } finally {
      frames.dispose();
    }
  }

  /** Checkpoint of the current or last run of this page. */
  exportFiles(kind: 'adapter' | 'model'): Promise<Map<string, Uint8Array>> {
    return this.#trainer().call(trainer => trainer.export(kind));
  }

  /** The same as one zip with the run's record. */
  async exportZip(kind: 'adapter' | 'model'): Promise<{ name: string; blob: Blob }> {
    const run = this.state.run!;
    await this.#recorder?.flush();
    const blob = await packRun(run.id, await this.exportFiles(kind));
    return { name: `${run.name.replaceAll(' ', '-')}-step-${run.step}-${kind}.zip`, blob };
  }

  /** Takes a zip or a folder in and makes it the policy of the next run. */
  async import(files: Map<string, Blob>): Promise<Imported> {
    const imported = await importFiles(files);
    await this.refresh();
    this.configure({ ...this.state.config, model: imported.model });
    return imported;
  }

  /** Shows a stored run's curves; not while one is under way. */
  async show(runId: string): Promise<void> {
    const run = this.state.runs.find(row => row.id === runId);
    if (run && !isActive(this.state.status)) await this.#load(run);
  }

  async deleteRun(runId: string): Promise<void> {
    await deleteRun(runId);
    const { run, interrupted } = this.state;
    if (run?.id === runId) this.store.update({ run: null, metrics: [], evaluations: [], episodes: [] });
    if (interrupted?.id === runId) this.store.update({ interrupted: null });
    await this.refresh();
  }

  async deleteModel(id: string): Promise<void> {
    await deleteModel(id);
    await this.refresh();
  }

  /** Reads the lists of runs and models again. */
  async refresh(): Promise<void> {
    const [runs, models] = await Promise.all([listRuns(), listModels()]);
    this.store.update({ runs, models });
  }

  notify(code: string, text: string): void {
    this.store.update({ notices: withNotice(this.state.notices, code, text) });
  }

  async #load(run: RunRow): Promise<void> {
    const [metrics, evaluations] = await Promise.all([metricsOf(run.id), evaluationsOf(run.id)]);
    this.store.update({ run, metrics, evaluations: evaluations.map(row => row.result), episodes: [] });
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
    const unlock = lockRun(run.id);
    const recorder = new Recorder(run.id, error => this.#notStored(error));
    this.#recorder = recorder;
    this.#pace = new Pace();
    let frames: Awaited<ReturnType<typeof openFrames>> | undefined;
    try {
      const source = options.model ?? (await resolveModel(run.config.model));
      await prepare();
      this.store.update({ run });
      await this.refresh();
      await keepAwake(true);
      frames = await openFrames(this.#frames, run.config);
      const environment = Comlink.proxy(frames);
      const start: RunStart = {
        runId: run.id,
        config: run.config,
        initialize: options.initialize,
        ...source,
      };
      if (run.checkpointStep >= 0) start.resumeAt = run.checkpointStep;
      const onEvent = Comlink.proxy((event: RunEvent) => this.#apply(event));
      this.#pace.begin(performance.now());
      const end = await this.#trainer().call(trainer => trainer.run(start, environment, onEvent));
      await recorder.flush();
      await this.#close(run, { status: end.reason, step: end.step });
      return { ...end, runId: run.id };
    } catch (error) {
      await recorder.flush().catch(cause => this.#tell(cause));
      // A device that failed once is not to be trusted with the next run.
      this.#restartWorker();
      await this.#close(run, { status: 'failed', failure: toErrorInfo(error).message });
      this.store.update({ error: toErrorInfo(error) });
      throw error;
    } finally {
      this.#pace.halt();
      frames?.dispose();
      unlock();
      await keepAwake(false);
    }
  }

  async #close(run: RunRow, change: Pick<RunRow, 'status'> & Partial<RunRow>): Promise<void> {
    const known = this.state.runs.some(row => row.id === run.id);
    try {
      if (known) this.store.update({ run: await updateRun(run.id, change) });
      await this.refresh();
    } catch (error) {
      this.#tell(error);
    }
    this.store.update({ status: change.status as SessionState['status'], phase: null });
  }

  #apply(event: RunEvent): void {
    if (event.kind === 'metrics') this.#pace.step(performance.now());
    this.store.update({
      ...applyEvent(this.state, event, Date.now()),
      secondsPerStep: this.#pace.secondsPerStep,
    });
    if (event.kind === 'phase') this.#followPause(event.phase === 'paused');
    if (event.runId === this.#recorder?.runId) this.#recorder.record(event);
    for (const listener of this.#listeners) listener(event);
  }

  #followPause(paused: boolean): void {
    const { status, run } = this.state;
    if (paused === (status === 'paused') || !run) return;
    if (paused && (status === 'pausing' || status === 'running')) {
      this.#pace.halt();
      this.store.update({ status: 'paused' });
      updateRun(run.id, { status: 'paused' }).catch(error => this.#tell(error));
    } else if (status === 'paused') {
      this.store.update({ status: 'running' });
      updateRun(run.id, { status: 'running' }).catch(error => this.#tell(error));
    }
  }

  /** A write failed: the run waits with its rows in memory until there is room. */
  #notStored(error: unknown): void {
    this.store.update({ error: toErrorInfo(error) });
    this.pause().catch(cause => this.#tell(cause));
  }

  #tell(error: unknown): void {
    const { code, message } = toErrorInfo(error);
    this.notify(code, message);
  }

  #trainer(): TrainerWorker {
    if (!this.#worker || this.#worker.dead) this.#worker = new TrainerWorker();
    return this.#worker;
  }

  #restartWorker(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
