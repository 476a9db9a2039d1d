/** The work of one GRPO step on a policy of random weights, timed part by part. */
import * as tf from '@tensorflow/tfjs-core';
import { DEFAULT_CONFIG } from '../../../src/config.ts';
import {
  checkGpu,
  gpuBackend,
  readTensor,
  trimPool,
  tuneTiles,
  type TileTiming,
} from '../../../src/gpu/index.ts';
import { grpoLoss } from '../../../src/grpo/loss.ts';
import { Rows } from '../../../src/grpo/rows.ts';
import type { Policy, Prompt } from '../../../src/models/policy.ts';
import { generate } from '../../../src/rollout/index.ts';
import { Optimizer } from '../../../src/trainer/optimizer.ts';
import { microBatches, tokenBudget, type Row } from '../../../src/trainer/rows.ts';
import { readScores, scoreCompletions } from '../../../src/trainer/score.ts';
import { gpuProfile, gpuSeconds, type KernelTime } from './gpu-time.ts';
import { dispatchCount, gpuBytes, resetPeak } from './meter.ts';
import { randomPrompt } from './shapes.ts';
import { timed } from './timing.ts';

export interface Work {
  batch: number;
  prompt: number;
  imageTokens: number;
  /** New tokens of a sequence. */
  newTokens: number;
  rank: number;
  /** Sequences of one prompt in the GRPO step. */
  group: number;
  rounds: number;
  /** `plan`: where the model has one; `steps`: one forward pass and one reading a token. */
  decode: 'plan' | 'steps';
  /** Layers are computed again for the gradient. */
  checkpointing: boolean;
  /** Every kernel is timed besides, in one more round. */
  profile: boolean;
}

export interface EngineFigures {
  prefillDistinctMs: number;
  prefillGroupMs: number;
  decodeStepMs: number;
  decodeStepOneMs: number;
  tokensPerSecond: number;
  dispatchesPerDecodeStep: number;
  loraForwardBackwardMs: number;
  loraForwardBackwardDispatches: number;
  optimizerMs: number;
  grpoStepMs: number;
  grpoGenerateMs: number;
  grpoScoreMs: number;
  grpoUpdateMs: number;
  grpoDispatches: number;
  /** Of these the GPU's own time, in ms; null where it cannot be told. */
  busy: Busy;
  /** Null unless it was asked for and the GPU has a clock. */
  profile: Record<keyof Busy, KernelTime[] | null> | null;
  peakGenerateBytes: number;
  peakTrainBytes: number;
}

/** What the GPU's clock says of one more round. */
export interface Busy {
  prefillDistinct: number | null;
  prefillGroup: number | null;
  /** Of all sequences' whole generation. */
  generateGroup: number | null;
  generateOne: number | null;
  loraForwardBackward: number | null;
}

const SAMPLING = { temperature: 1, topK: 0, topP: 1, minP: null, repetitionPenalty: 1 };
/** With a reference policy, as TRL's trainer has where beta is not 0. */
const BETA = 0.04;

/** Fresh prompts at every call, so that no image is known from before. */
class Prompts {
  #seed = 0;

  constructor(
    private readonly policy: Policy,
    private readonly work: Work,
  ) {}

  distinct(count: number): Prompt[] {
    return Array.from({ length: count }, () =>
      randomPrompt(this.policy, this.work.prompt, this.work.imageTokens, this.#seed++),
    );
  }

  /** `count` prompts, `group` of each. */
  groups(count: number, group: number): Prompt[] {
    return this.distinct(Math.ceil(count / group))
      .flatMap(prompt => Array<Prompt>(group).fill(prompt))
      .slice(0, count);
  }
}

/** The work once and untimed, so that the tiles of what comes up often can be measured: as a run does between its steps. */
export async function tune(policy: Policy, work: Work): Promise<TileTiming[]> {
  if (gpuBackend()!.software) return [];
  const prompts = new Prompts(policy, work);
  for (const asked of [prompts.distinct(work.batch), prompts.groups(work.batch, work.batch)])
    await generate(
      policy,
      asked.map((prompt, key) => ({ prompt, key })),
      { ...SAMPLING, maxTokens: 1 },
    );
  const optimizer = new Optimizer(policy.trainable(), DEFAULT_CONFIG);
  const rows = prompts.distinct(work.batch).map((prompt, i) => randomRow(prompt, work.newTokens, i));
  for (const part of microBatches(rows, budgetOf(policy, work)))
    backward(policy, optimizer, part, work.batch, work.newTokens);
  await checkGpu();
  optimizer.dispose();
  const timings = await tuneTiles();
  trimPool();
  return timings;
}

function budgetOf(policy: Policy, work: Work): ReturnType<typeof tokenBudget> {
  return tokenBudget(
    policy.info,
    { ...DEFAULT_CONFIG, gradient_checkpointing: work.checkpointing },
    'webgpu',
  );
}

export async function measure(
  policy: Policy,
  work: Work,
  progress: (line: string) => void,
): Promise<EngineFigures> {
  const { batch, newTokens, rounds, profile: asksProfile } = work;
  const prompts = new Prompts(policy, work);
  resetPeak();
  const sample = (asked: Prompt[], maxTokens: number) =>
    generate(
      policy,
      asked.map((prompt, key) => ({ prompt, key })),
      { ...SAMPLING, maxTokens },
    );
  const generation = async (asked: () => Prompt[]) => {
    const one = await timed(rounds, drawn => sample(drawn, 1), asked);
    const before = dispatchCount();
    const all = await timed(rounds, drawn => sample(drawn, newTokens), asked);
    const each = (dispatchCount() - before) / (rounds + 1);
    return { prefill: one, step: (all - one) / (newTokens - 1), dispatches: each };
  };
  const distinct = await generation(() => prompts.distinct(batch));
  progress(`distinct prompts: prefill ${ms(distinct.prefill)}, decode step ${ms(distinct.step)}`);
  const group = await generation(() => prompts.groups(batch, batch));
  progress(`one group: prefill ${ms(group.prefill)}, decode step ${ms(group.step)}`);
  const alone = await generation(() => prompts.distinct(1));
  progress(`one sequence: prefill ${ms(alone.prefill)}, decode step ${ms(alone.step)}`);
  const single = dispatchCount();
  await sample(prompts.distinct(1), 1);
  const firstDispatches = dispatchCount() - single;
  const peakGenerateBytes = gpuBytes().peak;

  const busy = {} as Busy;
  const profile = {} as Record<keyof Busy, KernelTime[] | null>;
  const look = async (part: keyof Busy, work: () => unknown): Promise<void> => {
    const seconds = await gpuSeconds(work);
    busy[part] = seconds === null ? null : 1000 * seconds;
    if (asksProfile) profile[part] = await gpuProfile(work);
  };
  const [many, grouped, lone] = [prompts.distinct(batch), prompts.groups(batch, batch), prompts.distinct(1)];
  await look('prefillDistinct', () => sample(many, 1));
  await look('prefillGroup', () => sample(grouped, 1));
  await look('generateGroup', () => sample(grouped, newTokens));
  await look('generateOne', () => sample(lone, newTokens));

  trimPool();
  resetPeak();
  const budget = budgetOf(policy, work);
  const optimizer = new Optimizer(policy.trainable(), DEFAULT_CONFIG);
  const rowsOf = (asked: Prompt[]): Row[] => asked.map((prompt, i) => randomRow(prompt, newTokens, i));
  let forwardBackwardDispatches = 0;
  const forwardBackward = await timed(
    rounds,
    rows => {
      const before = dispatchCount();
      for (const part of microBatches(rows, budget)) backward(policy, optimizer, part, batch, newTokens);
      forwardBackwardDispatches = dispatchCount() - before;
    },
    () => rowsOf(prompts.distinct(batch)),
  );
  const training = rowsOf(prompts.distinct(batch));
  await look('loraForwardBackward', () => {
    for (const part of microBatches(training, budget)) backward(policy, optimizer, part, batch, newTokens);
  });
  progress(`LoRA forward and backward: ${ms(forwardBackward)}`);
  const optimizing = await timed(rounds, async () => {
    await optimizer.apply(0, []);
  });
  progress(`optimizer: ${ms(optimizing)}`);

  const parts = { generate: [] as number[], score: [] as number[], update: [] as number[] };
  let stepDispatches = 0;
  const grpoStep = async (asked: Prompt[]): Promise<void> => {
    const first = dispatchCount();
    const lap = clock();
    const samples = await sample(asked, newTokens);
    parts.generate.push(await lap());
    const rows = samples.map(({ prompt, completionIds, logps }, i): Row => ({
      sequence: { prompt, completion: completionIds },
      advantage: i % 2 ? 1 : -1,
      samplerLogps: logps,
      oldLogps: null,
      refLogps: null,
      samplingRatio: null,
      trained: true,
    }));
    const reference = await readScores(policy, rows, 1, budget, { adapter: false });
    rows.forEach((row, i) => (row.refLogps = reference[i].logps));
    parts.score.push(await lap());
    for (const part of microBatches(rows, budget)) backward(policy, optimizer, part, batch, newTokens);
    await optimizer.apply(1e-6, []);
    parts.update.push(await lap());
    stepDispatches = dispatchCount() - first;
  };
  const step = await timed(rounds, grpoStep, () => prompts.groups(batch, work.group));
  const peakTrainBytes = gpuBytes().peak;
  optimizer.dispose();
  trimPool();
  return {
    prefillDistinctMs: 1000 * distinct.prefill,
    prefillGroupMs: 1000 * group.prefill,
    decodeStepMs: 1000 * distinct.step,
    decodeStepOneMs: 1000 * alone.step,
    tokensPerSecond: batch / distinct.step,
    dispatchesPerDecodeStep: (alone.dispatches - firstDispatches) / (newTokens - 1),
    loraForwardBackwardMs: 1000 * forwardBackward,
    loraForwardBackwardDispatches: forwardBackwardDispatches,
    optimizerMs: 1000 * optimizing,
    grpoStepMs: 1000 * step,
    grpoGenerateMs: median(parts.generate),
    grpoScoreMs: median(parts.score),
    grpoUpdateMs: median(parts.update),
    grpoDispatches: stepDispatches,
    busy,
    profile: asksProfile ? profile : null,
    peakGenerateBytes,
    peakTrainBytes,
  };
}

function backward(
  policy: Policy,
  optimizer: Optimizer,
  batch: Row[],
  rowCount: number,
  newTokens: number,
): void {
  const rowOf = batch.flatMap((row, i) => Array.from(row.sequence.completion, () => i));
  const rows = new Rows(Int32Array.from(rowOf), new Float32Array(rowOf.length).fill(1), batch.length);
  const tokens = rowCount * newTokens;
  const normalizer = { rows: rowCount, tokens, generationTokens: tokens, entropyTokens: tokens };
  const reference = batch.every(row => row.refLogps)
    ? Float32Array.from(batch.flatMap(row => [...row.refLogps!]))
    : null;
  const loss = optimizer.accumulate(() => {
    const { logps } = scoreCompletions(
      policy,
      batch.map(row => row.sequence),
      1,
    );
    const objective = grpoLoss(
      { rows, advantages: batch.map(row => row.advantage), logps, oldLogps: null, refLogps: reference },
      { ...DEFAULT_CONFIG, beta: reference ? BETA : 0 },
      normalizer,
    );
    tf.dispose([objective.trace.logRatio, ...(objective.trace.kl ? [objective.trace.kl] : [])]);
    return objective.loss;
  });
  loss.dispose();
}

function randomRow(prompt: Prompt, length: number, seed: number): Row {
  const completion = Int32Array.from({ length }, (_, i) => 500 + ((i * 31 + seed * 7) % 400));
  return {
    sequence: { prompt, completion },
    advantage: seed % 2 ? 1 : -1,
    samplerLogps: new Float32Array(length),
    oldLogps: null,
    refLogps: null,
    samplingRatio: null,
    trained: true,
  };
}

/** Milliseconds since the last call, the GPU idle at both. */
function clock(): () => Promise<number> {
  let last = performance.now();
  return async () => {
    await checkGpu();
    const now = performance.now();
    const lap = now - last;
    last = now;
    return lap;
  };
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

function ms(seconds: number): string {
  return `${(1000 * seconds).toFixed(2)} ms`;
}

/** The largest difference between the sampler's log-probabilities and the training path's: speed is worth nothing without it. */
export async function samplerDifference(policy: Policy, work: Work): Promise<number> {
  const prompts = new Prompts(policy, work).groups(Math.min(4, work.batch), 2);
  const samples = await generate(
    policy,
    prompts.map((prompt, key) => ({ prompt, key })),
    { ...SAMPLING, maxTokens: Math.min(8, work.newTokens) },
  );
  const sequences = samples.map(s => ({ prompt: s.prompt, completion: s.completionIds }));
  const scores = tf.tidy(() => scoreCompletions(policy, sequences, 1).logps);
  const trained = await readTensor(scores);
  scores.dispose();
  const sampled = samples.flatMap(s => [...s.logps]);
  return Math.max(...sampled.map((logp, i) => Math.abs(logp - trained[i])));
}
