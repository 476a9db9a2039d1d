/** Supervised learning on demonstrations: the warm start of a policy that cannot yet earn a reward by chance. */
import * as tf from '@tensorflow/tfjs-core';
import { checkGpu, hashKey, readTensor, tokenLogProbs } from '../gpu/index.ts';
import { learningRate } from '../grpo/schedules.ts';
import type { RunConfig } from '../config.ts';
import type { Sequence } from '../models/policy.ts';
import type { ActionTrace } from '../protocol.ts';
import { replyIds } from '../rollout/index.ts';
import { writeCollection, type Collection } from './collection.ts';
import { phaseReporter, type RunContext } from './context.ts';
import { CodedError, toErrorInfo } from '../errors.ts';
import { DemonstrationStream, unpack, type Demonstration } from './demonstrations.ts';
import { TrainerError } from './errors.ts';
import { assertFinite, type Method, type MethodMemory } from './method.ts';
import type { Optimizer } from './optimizer.ts';
import { microBatches, sequenceLength } from './rows.ts';
import { drawSlip, isSlip, slips } from './slips.ts';
import { drawTurns, episodesAt, followsProgress, isKeptBack, KEPT_BACK, lookEvery } from './sft-mix.ts';

/** Steps between two progress reports of the update; a report a step would cost more than a step of a small policy. */
const REPORT_EVERY = 10;

export class SftMethod implements Method {
  memory: MethodMemory = {};
  readonly #stream: DemonstrationStream;
  #warned = false;
  /** What the next step learns from, made while the GPU still works on this one. */
  #ahead: { step: number; rows: { sequence: Sequence }[] } | null = null;

  constructor(
    readonly context: RunContext,
    readonly optimizer: Optimizer,
    /** Step that the run begins at. */
    readonly firstStep: number,
    traces: readonly ActionTrace[],
    kept: Collection | null = null,
  ) {
    const { config } = context;
    let report: ((played: number) => void) | null = null;
    this.#stream = new DemonstrationStream(
      context,
      usable(traces, config),
      (played, total) => {
        // Later ones are collected beside the update, which reports for itself.
        if (played > episodesAt(config, this.firstStep + 1)) return;
        report ??= phaseReporter(context, this.firstStep, 'collecting', total);
        report(played);
      },
      kept,
    );
  }

  /** Waits for the demonstrations that the first step needs; the others come while it learns. */
  async prepare(): Promise<void> {
    await this.#stream.replay();
    await this.#stream.atLeast(episodesAt(this.context.config, this.firstStep + 1));
  }

  /** What was collected, as a file. @throws {TrainerError} nothing-trained before all of it is there */
  collection(): Uint8Array {
    const { played, total, unsolved, collected: demonstrations } = this.#stream;
    if (played < total)
      throw new TrainerError('nothing-trained', {
        message: `Of ${total} demonstrations ${played} are collected. Let the warm start take all its steps first.`,
      });
    const { config, policy } = this.context;
    return writeCollection(config, policy, { played, unsolved, demonstrations });
  }

  *variables(): Iterable<never> {}

  dispose(): void {
    this.#stream.stop();
  }

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
    await this.#stream.atLeast(episodesAt(config, step));
    this.#warnOfUnsolved();
    const seen = this.#looksAt(step) ? await this.#look() : {};
    const rows = this.#ahead?.step === step ? this.#ahead.rows : this.#rowsOf(step);
    this.#ahead = null;
    const promptWeight = config.assistant_only_loss ? 0 : config.prompt_loss_weight;
    const batches = microBatches(rows, context.tokenBudget).map(batch =>
      lossTargets(
        batch.map(row => row.sequence),
        promptWeight,
        policy.bannedIds,
      ),
    );
    const lossTokens = batches.reduce((sum, batch) => sum + batch.count, 0);
    const weight = batches.reduce((sum, { weights }) => sum + weights.reduce((a, b) => a + b, 0), 0);
    const kept: tf.Tensor[] = [];
    try {
      for (const [i, batch] of batches.entries()) {
        const dropoutKey = hashKey(config.seed, step, i, 'dropout');
        kept.push(...this.#backward(batch, { lossTokens, weight, dropoutKey }));
      }
      const rate = learningRate(config, step - 1, config.max_steps);
      const outcome = Promise.all([optimizer.apply(rate, kept), sumOf(kept)]);
      if (this.#knowsRowsOf(step + 1)) this.#ahead = { step: step + 1, rows: this.#rowsOf(step + 1) };
      const [gradNorm, totals] = await outcome;
      await checkGpu();
      optimizer.confirm();
      const [loss, entropy] = totals;
      assertFinite({ loss, gradNorm }, step);
      const tokens = rows.reduce((sum, row) => sum + sequenceLength(row.sequence), 0);
      return { loss, entropy, grad_norm: gradNorm, learning_rate: rate, num_tokens: tokens, ...seen };
    } finally {
      optimizer.discard();
      tf.dispose(kept);
    }
  }

  #looksAt(step: number): boolean {
    const { config } = this.context;
    return followsProgress(config) && step % lookEvery(config) === 0;
  }

  /** Whether nothing that is still to come decides what step `step` learns from. */
  #knowsRowsOf(step: number): boolean {
    const { config } = this.context;
    return (
      step <= config.max_steps &&
      !this.#looksAt(step) &&
      (this.#stream.all || this.#stream.played >= episodesAt(config, step))
    );
  }

  #rowsOf(step: number): { sequence: Sequence }[] {
    const drawn = drawTurns(this.context.config, step, this.#stream, this.memory.progress ?? {});
    return drawn.map((turn, i) => ({ sequence: unpack(this.#slipped(turn, step, i)) }));
  }

  /** What the `i`-th turn of a step is learnt as: of an oracle's, some with a slip in the place of what it says. */
  #slipped(turn: Demonstration, step: number, i: number): Demonstration {
    const { config, policy } = this.context;
    if (!isSlip(config, turn.task, step, i) || this.#stream.recorded.includes(turn)) return turn;
    const [prompt, reply] = [turn.ids, turn.completion].map(ids => policy.tokenizer.decode(ids));
    const slip = drawSlip(config, step, i, slips(prompt, reply, config.sft_slip_to));
    return slip === undefined ? turn : { ...turn, completion: replyIds(policy, slip) };
  }

  /** @returns the batch's part of [loss, mean entropy] as one tensor, kept. */
  #backward(
    { sequences, targets, weights, positions }: LossTargets,
    whole: { lossTokens: number; weight: number; dropoutKey: number },
  ): tf.Tensor[] {
    const { policy } = this.context;
    let readings: tf.Tensor | null = null;
    const value = this.optimizer.accumulate(() => {
      const hidden = policy.hidden(sequences, { positions, dropoutKey: whole.dropoutKey });
      const { logps, entropy } = tokenLogProbs(hidden, policy.head, tf.tensor1d(targets, 'int32'), 1);
      const share = tf.tensor1d(weights.map(weight => weight / whole.lossTokens));
      const loss = tf.neg(tf.sum(tf.mul(logps, share))) as tf.Scalar;
      const mean = tf.sum(tf.mul(entropy, tf.mul(share, whole.lossTokens / whole.weight)));
      readings = tf.keep(tf.stack([loss, mean]));
      return loss;
    });
    value.dispose();
    return [readings!];
  }

  /**
   * How often the policy would say what the oracle said through a whole kept-back episode, for each task: the product of
   * the probabilities of its tokens, averaged over the episodes. Under sampling at temperature 1 this is its success where
   * one answer alone is right.
   */
  async #look(): Promise<Record<string, number>> {
    const { config, policy, tokenBudget } = this.context;
    const kept = this.#stream.collected.filter(turn => isKeptBack(config, turn.episode));
    const logps = new Map<number, number>();
    for (const part of portions(kept, tokenBudget)) {
      const sequences = part.map(unpack);
      const targets = sequences.flatMap(({ completion }) => Array.from(completion));
      const scored = tf.tidy(() => {
        const hidden = policy.hidden(sequences, { positions: 'completion' });
        return tokenLogProbs(hidden, policy.head, tf.tensor1d(targets, 'int32'), 1).logps;
      });
      const values = await readTensor(scored);
      scored.dispose();
      let at = 0;
      for (const { episode, completion } of part) {
        for (let i = 0; i < completion.length; i++) {
          logps.set(episode, (logps.get(episode) ?? 0) + values[at++]);
        }
      }
    }
    const { tasks } = config;
    const progress: NonNullable<MethodMemory['progress']> = {};
    for (const [i, task] of tasks.entries()) {
      const own = [...logps].filter(([episode]) => episode % tasks.length === i);
      if (own.length === 0) continue;
      const success = own.reduce((sum, [, logp]) => sum + Math.exp(logp), 0) / own.length;
      progress[task] = { success, episodes: KEPT_BACK };
    }
    this.memory = { ...this.memory, progress };
    return Object.fromEntries(
      Object.entries(progress).map(([task, { success }]) => [`sft/probability/${task}`, success]),
    );
  }

  #warnOfUnsolved(): void {
    const { unsolved, played, outdated, traces, firstUnsolved } = this.#stream;
    if (unsolved + outdated === 0 || this.#warned) return;
    this.#warned = true;
    const parts = [
      unsolved > 0 ? `${unsolved} of the first ${played} demonstrations were not solved by their oracle` : '',
      outdated > 0
        ? `${outdated} of ${traces.length} recorded demonstrations do not solve their task when they are played again with these settings`
        : '',
    ].filter(Boolean);
    const message = `${parts.join(', and ')}; they are left out, first ${firstUnsolved}.`;
    const { runId, emit } = this.context;
    emit({ kind: 'warning', runId, error: toErrorInfo(new CodedError('demonstrations-lost', { message })) });
  }
}

/** What was recorded for the tasks of the run, unless its settings leave it out. */
function usable(traces: readonly ActionTrace[], config: RunConfig): ActionTrace[] {
  if (config.sft_recorded_share === 0) return [];
  return traces.filter(({ task }) => config.tasks.includes(task));
}

/** Cuts turns, in their order, into portions of at most `budget` tokens; their screenshots stay packed. */
function* portions(turns: readonly Demonstration[], budget: number): Generator<Demonstration[]> {
  let part: Demonstration[] = [];
  let tokens = 0;
  for (const turn of turns) {
    const length = turn.ids.length + turn.completion.length;
    if (part.length > 0 && tokens + length > budget) {
      yield part;
      [part, tokens] = [[], 0];
    }
    part.push(turn);
    tokens += length;
  }
  if (part.length > 0) yield part;
}

interface LossTargets {
  sequences: Sequence[];
  /** Which hidden states there are: one for every target. */
  positions: 'completion' | 'all';
  /** [N], what the hidden states predict. */
  targets: Int32Array;
  /** [N], how much of each token's loss counts. */
  weights: Float32Array;
  /** Tokens of the replies: what the loss is averaged over, so that a prompt's weight does not thin out the replies'. */
  count: number;
}

/** Tokens to predict. Image placeholders, which nobody may ever say, are not among them. */
function lossTargets(sequences: Sequence[], promptWeight: number, bannedIds: Int32Array): LossTargets {
  const banned = new Set(bannedIds);
  const ids: number[] = [];
  const weights: number[] = [];
  const add = (part: Int32Array, weight: number) => {
    for (const id of part) {
      ids.push(id);
      weights.push(banned.has(id) ? 0 : weight);
    }
  };
  let count = 0;
  for (const { prompt, completion } of sequences) {
    if (promptWeight > 0) add(prompt.ids.subarray(1), promptWeight);
    add(completion, 1);
    count += completion.length;
  }
  return {
    sequences,
    positions: promptWeight > 0 ? 'all' : 'completion',
    targets: Int32Array.from(ids),
    weights: Float32Array.from(weights),
    count,
  };
}

async function sumOf(tensors: readonly tf.Tensor[]): Promise<number[]> {
  const parts = await Promise.all(tensors.map(tensor => readTensor(tensor)));
  return [0, 1].map(i => parts.reduce((sum, part) => sum + part[i], 0));
}
