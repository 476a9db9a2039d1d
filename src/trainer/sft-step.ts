/** Supervised learning on demonstrations: the warm start of a policy that cannot yet earn a reward by chance. */
import * as tf from '@tensorflow/tfjs-core';
import { checkGpu, readTensor, tokenLogProbs } from '../gpu/index.ts';
import { learningRate } from '../grpo/schedules.ts';
import type { Sequence } from '../models/policy.ts';
import { phaseReporter, type RunContext } from './context.ts';
import { collectDemonstrations, unpack, type Demonstration } from './demonstrations.ts';
import { assertFinite, type Method, type MethodMemory } from './method.ts';
import type { Optimizer } from './optimizer.ts';
import { microBatches, sequenceLength } from './rows.ts';
import { shuffled, trainSeed } from './seeds.ts';

/** Batches drawn together and sorted by length among themselves: the more, the less padding and the less mixing. */
const BUCKET = 16;

/** Steps between two progress reports of the update; a report a step would cost more than a step of a small policy. */
const REPORT_EVERY = 10;

export class SftMethod implements Method {
  memory: MethodMemory = {};
  #demonstrations: Demonstration[] = [];
  #epoch: { index: number; batches: Demonstration[][] } | null = null;

  constructor(
    readonly context: RunContext,
    readonly optimizer: Optimizer,
    /** Step that the run begins at, for the progress of the collection. */
    readonly firstStep: number,
  ) {}

  async prepare(): Promise<void> {
    this.#demonstrations = await collectDemonstrations(this.context, this.firstStep);
  }

  *variables(): Iterable<never> {}

  dispose(): void {}

  resumable(): boolean {
    return true;
  }

  async step(step: number): Promise<Record<string, number>> {
    const { context, optimizer } = this;
    const { config, policy } = context;
    await context.gate();
    if ((step - 1) % REPORT_EVERY === 0) {
      phaseReporter(context, step, 'updating', config.max_steps)(step - 1);
    }
    const rows = this.#draw(step).map(demonstration => ({ sequence: unpack(demonstration) }));
    const batches = microBatches(rows, context.tokenBudget).map(batch =>
      lossTargets(
        batch.map(row => row.sequence),
        config.assistant_only_loss,
        policy.bannedIds,
      ),
    );
    const lossTokens = batches.reduce((sum, batch) => sum + batch.count, 0);
    const kept: tf.Tensor[] = [];
    try {
      for (const batch of batches) kept.push(...this.#backward(batch, lossTokens));
      const [gradNorm, totals] = await Promise.all([optimizer.gradNorm(), sumOf(kept)]);
      const [loss, entropy] = totals;
      assertFinite({ loss, gradNorm }, step);
      const rate = learningRate(config, step - 1, config.max_steps);
      optimizer.apply(rate, gradNorm);
      await checkGpu();
      const tokens = rows.reduce((sum, row) => sum + sequenceLength(row.sequence), 0);
      return { loss, entropy, grad_norm: gradNorm, learning_rate: rate, num_tokens: tokens };
    } finally {
      optimizer.discard();
      tf.dispose(kept);
    }
  }

  /** @returns the batch's part of [loss, mean entropy] as one tensor, kept. */
  #backward({ sequences, targets, mask }: LossTargets, lossTokens: number): tf.Tensor[] {
    const { policy, config } = this.context;
    let readings: tf.Tensor | null = null;
    const value = this.optimizer.accumulate(() => {
      const positions = config.assistant_only_loss ? 'completion' : 'all';
      const hidden = policy.hidden(sequences, { positions });
      const { logps, entropy } = tokenLogProbs(hidden, policy.head, tf.tensor1d(targets, 'int32'), 1);
      const share = tf.tensor1d(mask.map(m => m / lossTokens));
      const loss = tf.neg(tf.sum(tf.mul(logps, share))) as tf.Scalar;
      readings = tf.keep(tf.stack([loss, tf.sum(tf.mul(entropy, share))]));
      return loss;
    });
    value.dispose();
    return [readings!];
  }

  #draw(step: number): Demonstration[] {
    const size = this.context.config.sft_batch_size;
    const perEpoch = Math.ceil(this.#demonstrations.length / size);
    const epoch = Math.floor((step - 1) / perEpoch);
    if (this.#epoch?.index !== epoch) {
      this.#epoch = {
        index: epoch,
        batches: epochBatches(
          this.#demonstrations,
          size,
          trainSeed(this.context.config.seed, 'epoch', epoch),
        ),
      };
    }
    return this.#epoch.batches[(step - 1) % perEpoch];
  }
}

/** All demonstrations once, in batches of like length, in keyed order. */
function epochBatches(all: readonly Demonstration[], size: number, key: number): Demonstration[][] {
  const order = shuffled(all, key);
  const batches: Demonstration[][] = [];
  for (let start = 0; start < order.length; start += size * BUCKET) {
    const bucket = order.slice(start, start + size * BUCKET).sort((a, b) => lengthOf(a) - lengthOf(b));
    for (let i = 0; i < bucket.length; i += size) batches.push(bucket.slice(i, i + size));
  }
  return shuffled(batches, key + 1);
}

function lengthOf({ ids, completion }: Demonstration): number {
  return ids.length + completion.length;
}

interface LossTargets {
  sequences: Sequence[];
  /** [N], what the hidden states predict. */
  targets: Int32Array;
  /** [N], 1 where the loss counts. */
  mask: Float32Array;
  count: number;
}

/** Tokens to predict. Image placeholders, which nobody may ever say, are not among them. */
function lossTargets(sequences: Sequence[], completionOnly: boolean, bannedIds: Int32Array): LossTargets {
  const banned = new Set(bannedIds);
  const targets = Int32Array.from(
    sequences.flatMap(({ prompt, completion }) =>
      completionOnly ? Array.from(completion) : [...prompt.ids.subarray(1), ...completion],
    ),
  );
  const mask = Float32Array.from(targets, id => Number(!banned.has(id)));
  return { sequences, targets, mask, count: mask.reduce((sum, m) => sum + m, 0) };
}

async function sumOf(tensors: readonly tf.Tensor[]): Promise<number[]> {
  const parts = await Promise.all(tensors.map(tensor => readTensor(tensor)));
  return [0, 1].map(i => parts.reduce((sum, part) => sum + part[i], 0));
}
