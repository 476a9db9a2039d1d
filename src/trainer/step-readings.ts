/** What the micro-batches of one optimizer step report, read back and added up. */
import type * as tf from '@tensorflow/tfjs-core';
import { readTensor } from '../gpu/index.ts';
import { lossReadings, type LossTrace } from '../grpo/loss.ts';
import type { LossConfig, Normalizer } from '../grpo/losses/loss.ts';
import { MetricAccumulator, reading } from '../grpo/metrics.ts';
import type { Rows } from '../grpo/rows.ts';
import { joined, type Row } from './rows.ts';

/** The loss of one step: settings with the entropy coefficient that applies now, and what it is divided by. */
export interface StepLoss {
  config: LossConfig;
  normalizer: Normalizer;
  /** Tokens of each row whose policy term counts; null where all do. */
  keep: Map<Row, Float32Array> | null;
}

/** What a micro-batch leaves to be read once the whole step is recorded. */
export interface Trace extends LossTrace {
  batch: Row[];
  rows: Rows;
  loss: tf.Scalar;
  logps: tf.Tensor1D;
  entropies: tf.Tensor1D;
}

/** The tensors of a trace, which its owner disposes of. */
export function traceTensors({ loss, logps, entropies, logRatio, kl, policyLoss }: Trace): tf.Tensor[] {
  return [loss, logps, entropies, logRatio, kl, policyLoss].filter(tensor => tensor !== null);
}

export class StepReadings {
  loss = 0;
  /** The loss without its entropy bonus. */
  policyLoss = 0;
  readonly #metrics = new MetricAccumulator();
  #entropy = 0;
  #tokens = 0;

  constructor(readonly of: StepLoss) {}

  /** Mean entropy of the tokens that an entropy bonus acts on, nats. */
  get actedEntropy(): number {
    return this.#entropy / Math.max(1, this.#tokens);
  }

  values(): Record<string, number> {
    return this.#metrics.values();
  }

  async addAll(traces: readonly Trace[]): Promise<void> {
    for (const trace of traces) await this.add(trace);
  }

  async add(trace: Trace): Promise<void> {
    const { batch, rows } = trace;
    const { config, keep } = this.of;
    const entropies = await numbers(trace.entropies);
    this.#metrics.add(
      lossReadings({
        rows,
        advantages: batch.map(row => row.advantage),
        config,
        logRatio: await numbers(trace.logRatio),
        kl: trace.kl && (await numbers(trace.kl)),
        entropies,
        samplingRatio: joined(batch, row => row.samplingRatio),
      }),
    );
    const kept = keep && joined(batch, row => keep.get(row) ?? null);
    entropies.forEach((entropy, i) => {
      const weight = rows.mask[i] * (kept?.[i] ?? 1);
      this.#entropy += entropy * weight;
      this.#tokens += weight;
    });
    const now = joined(batch, row => row.oldLogps) ?? (await numbers(trace.logps));
    const sampler = joined(batch, row => row.samplerLogps)!;
    const difference = now.map((logp, i) => Math.abs(logp - sampler[i]));
    this.#metrics.add([
      reading('sampling/sampling_logp_difference/mean', 'mean', difference),
      reading('sampling/sampling_logp_difference/max', 'max', difference),
    ]);
    const loss = (await numbers(trace.loss))[0];
    this.loss += loss;
    this.policyLoss += trace.policyLoss ? (await numbers(trace.policyLoss))[0] : loss;
  }
}

async function numbers(tensor: tf.Tensor): Promise<Float32Array> {
  return (await readTensor(tensor)) as Float32Array;
}
