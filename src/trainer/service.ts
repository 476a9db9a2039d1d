/** The trainer as the page calls it: one run or evaluation at a time, on one policy. */
import type { RunConfig } from '../config.ts';
import { validateConfig } from '../config/validate.ts';
import { toErrorInfo } from '../errors.ts';
import { startBackend, trimPool } from '../gpu/index.ts';
import type { Policy } from '../models/policy.ts';
import type {
  DeviceInfo,
  DownloadProgress,
  EnvironmentService,
  EvaluateOptions,
  EvaluationResult,
  ExportKind,
  ModelPlan,
  RemoteModel,
  RunEnd,
  RunEvent,
  RunStart,
  TrainerService,
} from '../protocol.ts';
import { actionConstraints } from '../rollout/index.ts';
import { StorageError } from '../storage/errors.ts';
import { CheckpointStore } from '../storage/checkpoint/store.ts';
import { unpackCheckpoint, type RunState } from './checkpoint.ts';
import { chooseActor, chooseMethod } from './choose.ts';
import { promptOptions, type RunContext } from './context.ts';
import { RunControl, Stopped } from './control.ts';
import { TrainerError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { EventSink } from './event-sink.ts';
import { lookUp } from './look-up.ts';
import { TrainingLoop } from './loop.ts';
import type { Method } from './method.ts';
import { openPolicy } from './open-policy.ts';
import { downloadRemote, pinModel } from './remote-model.ts';
import { Optimizer } from './optimizer.ts';
import { tokenBudget } from './rows.ts';
import { SftMethod } from './sft-step.ts';
import { software } from './software.ts';

type OnEvent = (event: RunEvent) => void;

const FRESH: RunState = { version: 1, step: 0, updates: 0, evaluatedAt: -1, numTokens: 0 };

const EXPORT_DTYPES = { model: 'F32', 'model-bf16': 'BF16', 'model-f16': 'F16' } as const;

export class Trainer implements TrainerService {
  #control: RunControl | null = null;
  /** Of the current or last run, for export. */
  #policy: Policy | null = null;
  #config: RunConfig | null = null;
  /** The same where it was a warm start, for what it collected. */
  #sft: SftMethod | null = null;
  /** The download under way that no run waits for. */
  #download: AbortController | null = null;

  constructor(readonly store: CheckpointStore = new CheckpointStore()) {}

  device(backend: RunConfig['backend']): Promise<DeviceInfo> {
    return startBackend(backend);
  }

  run(start: RunStart, environment: EnvironmentService, onEvent: OnEvent): Promise<RunEnd> {
    return this.#telling(onEvent, async (control, emit) => {
      const context = await this.#openUnlessStopped(start, environment, emit, control);
      if (!context) return { reason: 'stopped', step: start.resumeAt ?? 0 };
      const optimizer = new Optimizer(context.policy.trainable(), start.config);
      const gated = { ...context, gate: () => loop.gate() };
      const method = await chooseMethod(gated, optimizer, start);
      this.#sft = method instanceof SftMethod ? method : null;
      let loop: TrainingLoop;
      try {
        const state = await this.#restore(start, optimizer, method);
        const resumed = start.resumeAt !== undefined;
        const { endAfter } = start;
        loop = new TrainingLoop(context, control, optimizer, method, this.store, state, resumed, endAfter);
        return await loop.run();
      } finally {
        // The weights of a GPU that rejected commands are not to be exported; the checkpoint before is.
        if (optimizer.unconfirmed) this.#dropPolicy();
        method.dispose();
        optimizer.dispose();
        trimPool();
      }
    });
  }

  async pause(): Promise<void> {
    this.#control?.pause();
  }

  async resume(): Promise<void> {
    this.#control?.resume();
  }

  async stop(): Promise<void> {
    this.#control?.stop();
  }

  evaluate(
    start: RunStart,
    options: EvaluateOptions,
    environment: EnvironmentService,
    onEvent: OnEvent,
  ): Promise<EvaluationResult> {
    return this.#telling(onEvent, async (control, emit) => {
      const context = {
        ...(await this.#open(start, environment, emit, control)),
        gate: () => control.gate(async () => {}),
      };
      let step = 0;
      if (start.resumeAt !== undefined) {
        const optimizer = new Optimizer(context.policy.trainable(), start.config);
        step = (await this.#restore(start, optimizer, null)).step;
        optimizer.dispose();
      }
      try {
        return await evaluate(context, chooseActor(context, options), step, options.episodes);
      } catch (error) {
        if (!(error instanceof Stopped)) throw error;
        throw new TrainerError('evaluation-stopped', {
          message: 'The evaluation was stopped before it had a result.',
        });
      }
    });
  }

  async export(kind: ExportKind): Promise<Map<string, Uint8Array>> {
    if (!this.#policy || !this.#config) {
      throw new TrainerError('nothing-trained', {
        message:
          'There is no policy in memory to export. Start a run, or resume one from its checkpoint, first.',
      });
    }
    if (kind !== 'adapter') return this.#policy.exportModel({ dtype: EXPORT_DTYPES[kind] });
    if (!this.#config.use_peft) {
      throw new TrainerError('unsupported-setting', {
        message: 'This run trains the whole model, so there is no adapter. Export the model instead.',
      });
    }
    return this.#policy.exportAdapter(this.#config.model);
  }

  async collection(): Promise<Uint8Array> {
    if (!this.#sft)
      throw new TrainerError('nothing-trained', {
        message: 'There is no warm start in memory whose demonstrations could be kept.',
      });
    return this.#sft.collection();
  }

  lookUp(model: RemoteModel, config: RunConfig): Promise<ModelPlan> {
    return lookUp(model, validateConfig(config));
  }

  pin(model: RemoteModel): Promise<string> {
    return pinModel(model);
  }

  async download(model: RemoteModel, onProgress: (progress: DownloadProgress) => void): Promise<void> {
    if (this.#download)
      throw new TrainerError('trainer-busy', {
        message: 'Another model is being downloaded. Cancel that first, or wait for its end.',
      });
    this.#download = new AbortController();
    const { signal } = this.#download;
    try {
      await downloadRemote(model, {
        signal,
        onProgress,
        // What was asked for is that it is kept.
        notice: (_, message) => {
          throw new StorageError('storage-full', { message });
        },
      });
    } finally {
      this.#download = null;
    }
  }

  async cancelDownload(): Promise<void> {
    this.#download?.abort();
  }

  /** `work` alone, and every event of it taken before its result is given. */
  #telling<T>(onEvent: OnEvent, work: (control: RunControl, emit: OnEvent) => Promise<T>): Promise<T> {
    return this.#exclusively(async control => {
      const sink = new EventSink(onEvent);
      try {
        return await work(control, sink.emit);
      } finally {
        await sink.delivered();
      }
    });
  }

  async #exclusively<T>(work: (control: RunControl) => Promise<T>): Promise<T> {
    if (this.#control) {
      throw new TrainerError('trainer-busy', {
        message: 'A run or an evaluation is under way already. Stop it first, or wait for its end.',
      });
    }
    const control = new RunControl();
    this.#control = control;
    try {
      return await work(control);
    } finally {
      this.#control = null;
    }
  }

  /** null when the run was asked to end while its weights were coming in. */
  async #openUnlessStopped(
    start: RunStart,
    environment: EnvironmentService,
    emit: OnEvent,
    control: RunControl,
  ): Promise<Omit<RunContext, 'gate'> | null> {
    try {
      return await this.#open(start, environment, emit, control);
    } catch (error) {
      if (control.signal.aborted && toErrorInfo(error).code === 'download-cancelled') return null;
      throw error;
    }
  }

  async #open(
    start: RunStart,
    environment: EnvironmentService,
    emit: OnEvent,
    control: RunControl,
  ): Promise<Omit<RunContext, 'gate'>> {
    const { runId } = start;
    const config = validateConfig(start.config);
    this.#dropPolicy();
    this.#sft = null;
    const { policy, device } = await openPolicy(
      { ...start, config },
      {
        signal: control.signal,
        onProgress: ({ loaded: done, total, file: note, rate }) =>
          emit({ kind: 'phase', runId, step: 0, phase: 'loading', done, total, note, rate }),
        notice: (code, message) =>
          emit({ kind: 'warning', runId, error: { name: 'StorageError', code, message } }),
      },
    );
    this.#policy = policy;
    this.#config = config;
    emit({ kind: 'device', runId, device, policy: policy.info, software: software() });
    return {
      runId,
      config,
      policy,
      environment,
      ...shareSlots(await environment.capacity(), config.method),
      tokenBudget: tokenBudget(policy.info, config, device.backend),
      prompt: promptOptions(config, policy),
      constraintOf: config.constrain_actions ? actionConstraints(config, policy) : null,
      emit,
    };
  }

  #dropPolicy(): void {
    this.#policy?.dispose();
    this.#policy = null;
  }

  async #restore(
    { runId, resumeAt }: RunStart,
    optimizer: Optimizer,
    method: Method | null,
  ): Promise<RunState> {
    if (resumeAt === undefined) return { ...FRESH };
    return unpackCheckpoint(await this.store.load(runId, resumeAt), optimizer, method);
  }
}

/** Demonstrations are collected beside the steps, and an evaluation may come meanwhile: each has frames of its own. */
function shareSlots(capacity: number, method: RunConfig['method']): Pick<RunContext, 'slots' | 'spareSlots'> {
  if (method !== 'sft') return { slots: capacity, spareSlots: 0 };
  if (capacity < 2) {
    throw new TrainerError('unsupported-setting', {
      message: 'Method sft plays demonstrations and evaluations side by side. Set frames to 2 or more.',
    });
  }
  const slots = Math.floor(capacity / 2);
  return { slots, spareSlots: capacity - slots };
}
