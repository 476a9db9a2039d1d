/** One optimizer step of GRPO, micro-step for micro-step as TRL counts them. */
import * as tf from '@tensorflow/tfjs-core';
import { checkGpu, hashKey } from '../gpu/index.ts';
import {
  afterStep,
  appliedCoefficient,
  hasEntropyBonus,
  initialEntropyState,
} from '../grpo/entropy-control.ts';
import { CodedError, toErrorInfo } from '../errors.ts';
import { withEpisodes } from '../grpo/curriculum.ts';
import { grpoLoss } from '../grpo/loss.ts';
import { averageWindow } from '../grpo/metrics.ts';
import { learningRate } from '../grpo/schedules.ts';
import { topEntropyMask } from '../grpo/token-masks.ts';
import { collect, stepsPerGeneration, type GenerationBatch } from './collect.ts';
import { phaseReporter, type RunContext } from './context.ts';
import { assertFinite, type Method, type MethodMemory } from './method.ts';
import type { Optimizer } from './optimizer.ts';
import { Reference } from './reference.ts';
import { countTokens, joined, microBatches, tokenRows, type Row } from './rows.ts';
import { correctSampler } from './sampler-correction.ts';
import { readScores, scoreCompletions } from './score.ts';
import { StepReadings, traceTensors, type StepLoss, type Trace } from './step-readings.ts';

/** Steps in a row without a difference in reward after which the run says so. */
const ALIKE = 3;

export class GrpoMethod implements Method {
  memory: MethodMemory;
  #alike = 0;
  readonly #reference: Reference | null;
  #batch: GenerationBatch | null = null;

  /** @param continued  whether the run starts from an adapter. */
  constructor(
    readonly context: RunContext,
    readonly optimizer: Optimizer,
    continued: boolean,
  ) {
    const { config, policy } = context;
    this.memory = hasEntropyBonus(config) ? { entropy: initialEntropyState(config) } : {};
    this.#reference = config.beta === 0 ? null : new Reference(policy, config, continued);
  }

  async prepare(): Promise<void> {}

  variables(): Iterable<[string, tf.Variable]> {
    return this.#reference?.variables() ?? [];
  }

  dispose(): void {
    this.#reference?.dispose();
  }

  resumable(step: number): boolean {
    return (step * this.context.config.gradient_accumulation_steps) % this.#microStepsPerGeneration === 0;
  }

  async step(step: number): Promise<Record<string, number>> {
    const { config } = this.context;
    const accumulation = config.gradient_accumulation_steps;
    const rows: Row[] = [];
    const windows: Record<string, number>[] = [];
    let sampledTokens = 0;
    let generationTokens = 0;
    for (let micro = (step - 1) * accumulation; micro < step * accumulation; micro++) {
      if (!this.#batch || micro % this.#microStepsPerGeneration === 0) {
        this.#batch = await this.#generate(Math.floor(micro / this.#microStepsPerGeneration), step);
        windows.push(this.#batch.metrics);
        sampledTokens += this.#batch.sampledTokens;
      }
      rows.push(...this.#batch.parts[micro % stepsPerGeneration(config)]);
      // A micro-step's part of its generation batch: together, the tokens that one optimizer step has of it.
      generationTokens += this.#batch.lossTokens / stepsPerGeneration(config);
    }
    this.#warnOfLikeness(rows);
    const metrics = await this.#update(rows, generationTokens, step);
    this.#reference?.synchronise(step);
    if (this.resumable(step)) this.#batch = null;
    return { ...averageWindow(windows), ...metrics, num_tokens: sampledTokens };
  }

  get #microStepsPerGeneration(): number {
    return stepsPerGeneration(this.context.config) * this.context.config.num_iterations;
  }

  async #generate(index: number, step: number): Promise<GenerationBatch> {
    const { config, policy, tokenBudget } = this.context;
    const batch = await collect(this.context, index, step, this.memory.progress ?? {});
    this.memory.progress = withEpisodes(this.memory.progress ?? {}, batch.played);
    const rows = this.#active(batch.parts.flat());
    const corrected = config.vllm_importance_sampling_correction;
    // TRL's rule: only a policy that has moved since it sampled needs to be remembered.
    if (corrected || config.gradient_accumulation_steps % this.#microStepsPerGeneration !== 0) {
      const scores = await readScores(policy, rows, config.temperature, tokenBudget);
      rows.forEach((row, i) => (row.oldLogps = scores[i].logps));
    }
    if (this.#reference) {
      const logps = await this.#reference.logps(rows, tokenBudget);
      rows.forEach((row, i) => (row.refLogps = logps[i]));
    }
    if (corrected) batch.metrics = { ...batch.metrics, ...correctSampler(rows, config) };
    await checkGpu();
    return batch;
  }

  /** A policy that has settled on its answers earns the same in every try, and learns nothing from then on. */
  #warnOfLikeness(rows: readonly Row[]): void {
    this.#alike = rows.some(row => row.trained && row.advantage !== 0) ? 0 : this.#alike + 1;
    if (this.#alike !== ALIKE) return;
    const { runId, emit } = this.context;
    const message =
      `For ${ALIKE} steps all tries of every group earned the same, so there was nothing to learn from. ` +
      'The policy has settled on its answers, or its tasks are too hard or too easy for it: raise entropy_coef (0.02) or temperature ' +
      'and train anew, smaller groups from more pages help too, or choose other tasks.';
    emit({ kind: 'warning', runId, error: toErrorInfo(new CodedError('no-spread', { message })) });
  }

  /** Rows that can move the policy. The others' gradient is exactly zero; they count in the normaliser all the same. */
  #active(rows: readonly Row[]): Row[] {
    const { config } = this.context;
    // These act on, or look at, every token, whatever its advantage.
    const all = config.beta !== 0 || hasEntropyBonus(config) || config.top_entropy_quantile < 1;
    return rows.filter(row => row.trained && (all || row.advantage !== 0));
  }

  async #update(rows: Row[], generationTokens: number, step: number): Promise<Record<string, number>> {
    const { config, tokenBudget } = this.context;
    const { optimizer } = this;
    await this.context.gate();
    const active = this.#active(rows);
    const loss = await this.#stepLoss(rows, active, generationTokens);
    const batches = microBatches(active, tokenBudget);
    const report = phaseReporter(this.context, step, 'updating', batches.length + 1);
    const traces: Trace[] = [];
    try {
      for (const batch of batches) {
        traces.push(this.#backward(batch, loss, hashKey(config.seed, step, traces.length, 'dropout')));
        report(traces.length);
        // Lets a pause or stop be heard while a long update is being recorded.
        await new Promise(resolve => setTimeout(resolve));
      }
      const read = new StepReadings(loss);
      const rate = learningRate(config, step - 1, config.max_steps);
      // The update is recorded before anything is read, so that the GPU need not wait for the answers in between.
      const losses = traces.map(trace => trace.loss);
      const [gradNorm] = await Promise.all([optimizer.apply(rate, losses), read.addAll(traces)]);
      await checkGpu();
      optimizer.confirm();
      assertFinite({ loss: read.loss, gradNorm }, step);
      report(batches.length + 1);
      const metrics = { ...read.values(), loss: read.loss, grad_norm: gradNorm, learning_rate: rate };
      return { ...metrics, ...this.#controlEntropy(read) };
    } finally {
      optimizer.discard();
      tf.dispose(traces.flatMap(traceTensors));
    }
  }

  async #stepLoss(rows: Row[], active: Row[], generationTokens: number): Promise<StepLoss> {
    const { config, policy, tokenBudget } = this.context;
    const { entropy } = this.memory;
    const tokens = countTokens(rows);
    let keep: StepLoss['keep'] = null;
    let entropyTokens = tokens;
    if (config.top_entropy_quantile < 1) {
      const scores = await readScores(policy, active, config.temperature, tokenBudget);
      const mask = topEntropyMask(
        Float32Array.from(scores.flatMap(score => Array.from(score.entropies))),
        tokenRows(active).mask,
        config.top_entropy_quantile,
      );
      keep = new Map();
      let offset = 0;
      for (const row of active) keep.set(row, mask.slice(offset, (offset += row.sequence.completion.length)));
      entropyTokens = mask.reduce((sum, kept) => sum + kept, 0);
    }
    return {
      config: { ...config, entropy_coef: entropy ? appliedCoefficient(config, entropy) : 0 },
      normalizer: { rows: rows.length, tokens, generationTokens, entropyTokens },
      keep,
    };
  }

  /** @param dropoutKey  names the masks of this forward pass; nothing else that scores a row drops anything. */
  #backward(batch: Row[], { config, normalizer, keep }: StepLoss, dropoutKey: number): Trace {
    const { policy } = this.context;
    const rows = tokenRows(batch);
    const sequences = batch.map(row => row.sequence);
    let kept: Omit<Trace, 'loss'> | null = null;
    const loss = this.optimizer.accumulate(() => {
      const { temperature } = this.context.config;
      const { logps, entropy } = scoreCompletions(policy, sequences, temperature, { dropoutKey });
      const objective = grpoLoss(
        {
          rows,
          advantages: batch.map(row => row.advantage),
          logps,
          oldLogps: joined(batch, row => row.oldLogps),
          refLogps: joined(batch, row => row.refLogps),
          samplerLogps: this.context.config.vllm_importance_sampling_correction
            ? joined(batch, row => row.samplerLogps)
            : null,
          samplingRatio: joined(batch, row => row.samplingRatio),
          keep: keep && joined(batch, row => keep.get(row) ?? null),
          entropies: entropy,
        },
        config,
        normalizer,
      );
      kept = {
        ...objective.trace,
        batch,
        rows,
        logps: tf.keep(tf.clone(logps)),
        entropies: tf.keep(tf.clone(entropy)),
      };
      return objective.loss;
    });
    return { ...(kept! as Omit<Trace, 'loss'>), loss };
  }

  /** Moves the entropy coefficient after a step. @returns TRL's metrics of the bonus, when there is one */
  #controlEntropy(read: StepReadings): Record<string, number> {
    const { config } = this.context;
    if (!this.memory.entropy) return {};
    this.memory.entropy = afterStep(config, this.memory.entropy, read.actedEntropy);
    return { policy_loss: read.policyLoss, entropy_coef: this.memory.entropy.coefficient };
  }
}
