/** One optimizer step of GRPO, micro-step for micro-step as TRL counts them. */
import * as tf from '@tensorflow/tfjs-core';
import { checkGpu, readTensor } from '../gpu/index.ts';
import { grpoLoss, lossReadings, type LossTrace } from '../grpo/loss.ts';
import type { Normalizer } from '../grpo/losses/loss.ts';
import { averageWindow, MetricAccumulator, reading } from '../grpo/metrics.ts';
import { Rows } from '../grpo/rows.ts';
import { learningRate } from '../grpo/schedules.ts';
import { collect, stepsPerGeneration, type GenerationBatch } from './collect.ts';
import { phaseReporter, type RunContext } from './context.ts';
import { TrainerError } from './errors.ts';
import { assertFinite, type Method } from './method.ts';
import type { Optimizer } from './optimizer.ts';
import { countTokens, microBatches, type Row } from './rows.ts';
import { readLogps, scoreCompletions } from './score.ts';

/** What a micro-batch leaves to be read once the whole step is recorded. */
interface Trace extends LossTrace {
  batch: Row[];
  rows: Rows;
  loss: tf.Scalar;
  logps: tf.Tensor1D;
  entropies: tf.Tensor1D;
}

export class GrpoMethod implements Method {
  #batch: GenerationBatch | null = null;

  constructor(
    readonly context: RunContext,
    readonly optimizer: Optimizer,
  ) {
    const { beta, use_peft, repetition_penalty } = context.config;
    if (beta !== 0 && !use_peft) {
      throw new TrainerError('unsupported-setting', {
        message: `beta ${beta} compares with the policy without its adapter, so it needs use_peft. Set use_peft to true, or beta to 0.`,
      });
    }
    if (repetition_penalty !== 1) {
      throw new TrainerError('unsupported-setting', {
        message: `repetition_penalty ${repetition_penalty} is not supported by the sampler. Set it to 1.`,
      });
    }
  }

  async prepare(): Promise<void> {}

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
      generationTokens = this.#batch.lossTokens;
    }
    const tokens = countTokens(rows);
    const normalizer = { rows: rows.length, tokens, generationTokens, entropyTokens: tokens };
    const metrics = await this.#update(rows, normalizer, step);
    if (this.resumable(step)) this.#batch = null;
    return { ...averageWindow(windows), ...metrics, num_tokens: sampledTokens };
  }

  get #microStepsPerGeneration(): number {
    return stepsPerGeneration(this.context.config) * this.context.config.num_iterations;
  }

  async #generate(index: number, step: number): Promise<GenerationBatch> {
    const { config, policy, tokenBudget } = this.context;
    const batch = await collect(this.context, index, step);
    const rows = this.#active(batch.parts.flat());
    // TRL's rule: only a policy that has moved since it sampled needs to be remembered.
    if (config.gradient_accumulation_steps % this.#microStepsPerGeneration !== 0) {
      const logps = await readLogps(policy, rows, config.temperature, tokenBudget);
      rows.forEach((row, i) => (row.oldLogps = logps[i]));
    }
    if (config.beta !== 0) {
      const logps = await readLogps(policy, rows, config.temperature, tokenBudget, { adapter: false });
      rows.forEach((row, i) => (row.refLogps = logps[i]));
    }
    await checkGpu();
    return batch;
  }

  /** Rows that can move the policy. The others' gradient is exactly zero; they count in the normaliser all the same. */
  #active(rows: readonly Row[]): Row[] {
    const { beta } = this.context.config;
    return rows.filter(row => row.trained && (beta !== 0 || row.advantage !== 0));
  }

  async #update(rows: Row[], normalizer: Normalizer, step: number): Promise<Record<string, number>> {
    const { config, tokenBudget } = this.context;
    const { optimizer } = this;
    await this.context.gate();
    const batches = microBatches(this.#active(rows), tokenBudget);
    const report = phaseReporter(this.context, step, 'updating', batches.length + 1);
    const traces: Trace[] = [];
    try {
      for (const batch of batches) {
        traces.push(this.#backward(batch, normalizer));
        report(traces.length);
        // Lets a pause or stop be heard while a long update is being recorded.
        await new Promise(resolve => setTimeout(resolve));
      }
      const read = new MetricAccumulator();
      let loss = 0;
      for (const trace of traces) loss += await this.#read(trace, read);
      const gradNorm = await optimizer.gradNorm();
      await checkGpu();
      assertFinite({ loss, gradNorm }, step);
      const rate = learningRate(config, step - 1, config.max_steps);
      optimizer.apply(rate, gradNorm);
      await checkGpu();
      report(batches.length + 1);
      return { ...read.values(), loss, grad_norm: gradNorm, learning_rate: rate };
    } finally {
      optimizer.discard();
      for (const { loss, logps, entropies, logRatio, kl, policyLoss } of traces)
        tf.dispose([loss, logps, entropies, logRatio, kl, policyLoss].filter(tensor => tensor !== null));
    }
  }

  #backward(batch: Row[], normalizer: Normalizer): Trace {
    const { config, policy } = this.context;
    const rows = rowsOf(batch);
    const sequences = batch.map(row => row.sequence);
    let kept: Omit<Trace, 'loss'> | null = null;
    const loss = this.optimizer.accumulate(() => {
      const { logps, entropy } = scoreCompletions(policy, sequences, config.temperature);
      const objective = grpoLoss(
        {
          rows,
          advantages: batch.map(row => row.advantage),
          logps,
          oldLogps: joined(batch, row => row.oldLogps),
          refLogps: joined(batch, row => row.refLogps),
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

  /** Reads a micro-batch's numbers into the step's metrics. @returns its part of the loss */
  async #read(trace: Trace, into: MetricAccumulator): Promise<number> {
    const { batch, rows } = trace;
    const numbers = async (tensor: tf.Tensor) => (await readTensor(tensor)) as Float32Array;
    const entropies = await numbers(trace.entropies);
    into.add(
      lossReadings({
        rows,
        advantages: batch.map(row => row.advantage),
        config: this.context.config,
        logRatio: await numbers(trace.logRatio),
        kl: trace.kl && (await numbers(trace.kl)),
        entropies,
      }),
    );
    const now = joined(batch, row => row.oldLogps) ?? (await numbers(trace.logps));
    const sampler = joined(batch, row => row.samplerLogps)!;
    const difference = now.map((logp, i) => Math.abs(logp - sampler[i]));
    into.add([
      reading('sampling/sampling_logp_difference/mean', 'mean', difference),
      reading('sampling/sampling_logp_difference/max', 'max', difference),
    ]);
    return (await numbers(trace.loss))[0];
  }
}

function rowsOf(batch: readonly Row[]): Rows {
  const rowOf = batch.flatMap((row, i) => Array.from(row.sequence.completion, () => i));
  return new Rows(
    Int32Array.from(rowOf),
    Float32Array.from(rowOf, i => Number(batch[i].trained)),
    batch.length,
  );
}

/** The rows' values side by side; null when they have none. */
function joined(batch: readonly Row[], of: (row: Row) => Float32Array | null): Float32Array | null {
  const parts = batch.map(of);
  if (!parts.every(part => part !== null)) return null;
  return Float32Array.from(parts.flatMap(part => Array.from(part)));
}
