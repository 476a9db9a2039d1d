/** The loop of a run: evaluate, step, save; pause and stop where nothing is lost. */
import { toErrorInfo } from '../errors.ts';
import { gpuMemory, settlePool } from '../gpu/index.ts';
import type { EvaluationResult, RunEnd } from '../protocol.ts';
import { packCheckpoint, unpackCheckpoint, type CheckpointData, type RunState } from './checkpoint.ts';
import { evaluationActor, phaseReporter, type RunContext } from './context.ts';
import { Stopped, type RunControl } from './control.ts';
import { evaluate } from './evaluate.ts';
import type { Method } from './method.ts';
import type { Optimizer } from './optimizer.ts';
import { activationMemory } from './rows.ts';
import { improveTiles } from './tiles.ts';

/** What the page was told of steps that no checkpoint holds yet. It may be gone before it has written them. */
interface Told {
  metrics: { step: number; metrics: Record<string, number>; time: number }[];
  evaluations: EvaluationResult[];
}

/** Where checkpoints go. */
export interface Checkpoints {
  /** @throws {CodedError} storage-full and others: the run goes on without this checkpoint. */
  save(runId: string, step: number, data: CheckpointData, best?: number, rows?: Told): Promise<void>;
  load(runId: string, step: number): Promise<{ tensors: Uint8Array; state: string }>;
}

/** Lets the worker read what the page has sent: a step on wasm that needs no environment never waits for anything else. */
function pageHeard(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve));
}

export class TrainingLoop {
  #savedAt: number;
  /** Step of the last try, kept or not: a full disk is not asked at every step. */
  #triedAt = 0;
  /** Step that the run ends after. */
  readonly #last: number;
  /** False while a generation batch is half-used: then pause and stop wait. */
  #interruptible = true;
  readonly #told: Told = { metrics: [], evaluations: [] };

  constructor(
    readonly context: Omit<RunContext, 'gate'>,
    readonly control: RunControl,
    readonly optimizer: Optimizer,
    readonly method: Method,
    readonly checkpoints: Checkpoints,
    readonly state: RunState,
    resumed: boolean,
    endAfter = Infinity,
  ) {
    this.#savedAt = resumed ? state.step : -1;
    this.#last = Math.min(context.config.max_steps, endAfter);
  }

  /** What the parts of a step await where they can be interrupted. */
  readonly gate = async (): Promise<void> => {
    if (!this.#interruptible) return;
    await this.control.gate(async () => {
      await this.#save();
      this.#phase('paused');
    });
  };

  async run(): Promise<RunEnd> {
    const { config } = this.context;
    const { state, method } = this;
    try {
      await method.prepare();
      await this.#evaluateIfDue();
      while (state.step < this.#last) {
        await pageHeard();
        await this.gate();
        await this.#step();
        await this.#tune();
        await this.#evaluateIfDue();
        const since = state.step - Math.max(this.#triedAt, this.#savedAt);
        if (this.#interruptible && since >= config.save_steps) await this.#save();
      }
      await this.#save();
      await this.#loadBest();
      return { reason: 'finished', step: state.step };
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      await this.#save();
      return { reason: 'stopped', step: state.step };
    }
  }

  async #step(): Promise<void> {
    const { state, method } = this;
    const { runId, emit } = this.context;
    const started = performance.now();
    const metrics = await method.step(state.step + 1);
    state.step++;
    state.updates = this.optimizer.updates;
    state.numTokens += metrics.num_tokens;
    this.#interruptible = method.resumable(state.step);
    const { allocated } = gpuMemory();
    settlePool((1e6 * activationMemory(this.context.config, 'webgpu')) / 3);
    const seconds = (performance.now() - started) / 1000;
    if (allocated > 0) emit({ kind: 'memory', runId, bytes: allocated });
    const row = {
      step: state.step,
      metrics: { ...metrics, num_tokens: state.numTokens, step_time: seconds },
    };
    this.#told.metrics.push({ ...row, time: Date.now() });
    emit({ kind: 'metrics', runId, ...row });
  }

  /** Between steps, when the GPU is idle and its measurements disturb nobody. */
  async #tune(): Promise<void> {
    const { runId, emit } = this.context;
    await improveTiles(error => emit({ kind: 'warning', runId, error: toErrorInfo(error) }));
  }

  /** At the start, every eval_steps, and at the end; eval_steps 0 turns evaluation off. The best is checkpointed. */
  async #evaluateIfDue(): Promise<void> {
    const { config } = this.context;
    const { state } = this;
    if (config.eval_steps === 0 || config.eval_episodes === 0 || state.evaluatedAt === state.step) return;
    if (state.step % config.eval_steps !== 0 && state.step !== this.#last) return;
    const context = { ...this.context, gate: this.gate };
    const sampled = config.eval_sampled ? evaluationActor(context, true) : null;
    const greedy = evaluationActor(context, false);
    const result = await evaluate(context, greedy, state.step, config.eval_episodes, sampled);
    const { success } = result;
    this.#told.evaluations.push(result);
    state.evaluatedAt = state.step;
    if (state.best && success <= state.best.success) return;
    state.best = { step: state.step, success };
    if (this.#interruptible && state.step > 0) await this.#save();
  }

  /** With load_best_model_at_end, puts the weights of the best evaluation in the policy, for the export. */
  async #loadBest(): Promise<void> {
    const { config, runId } = this.context;
    const { best, step } = this.state;
    if (!config.load_best_model_at_end || !best || best.step === step || best.step === 0) return;
    await unpackCheckpoint(await this.checkpoints.load(runId, best.step), this.optimizer, null);
  }

  /** Writes a checkpoint of the steps taken; one that cannot be stored is reported, and the run goes on. */
  async #save(): Promise<void> {
    const { runId, emit } = this.context;
    const { step } = this.state;
    if (this.#savedAt === step) return;
    this.#triedAt = step;
    phaseReporter({ ...this.context, gate: this.gate }, step, 'saving', 1);
    const data = await packCheckpoint(this.optimizer, this.method, this.state);
    try {
      await this.checkpoints.save(runId, step, data, this.state.best?.step, this.#told);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'StorageError') throw error;
      const { message, ...info } = toErrorInfo(error);
      const last =
        this.#savedAt < 0
          ? 'it has no checkpoint yet'
          : `its last checkpoint is that of step ${this.#savedAt}`;
      const told = `${message} The run goes on; ${last}.`;
      emit({ kind: 'warning', runId, error: { ...info, message: told } });
      return;
    }
    this.#savedAt = step;
    for (const rows of Object.values(this.#told)) rows.length = 0;
    emit({ kind: 'checkpoint', runId, step, bytes: data.tensors.byteLength });
  }

  #phase(phase: 'paused'): void {
    phaseReporter({ ...this.context, gate: this.gate }, this.state.step, phase, 1);
  }
}
