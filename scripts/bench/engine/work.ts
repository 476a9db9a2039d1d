/** The work that the engine bench times: prompts that nobody has seen, their completions, and updates by them. */
import * as tf from '@tensorflow/tfjs-core';
import { DEFAULT_CONFIG } from '../../../src/config.ts';
import { grpoLoss } from '../../../src/grpo/loss.ts';
import { Rows } from '../../../src/grpo/rows.ts';
import type { Policy, Prompt } from '../../../src/models/policy.ts';
import { generate } from '../../../src/rollout/index.ts';
import type { Optimizer } from '../../../src/trainer/optimizer.ts';
import { microBatches, tokenBudget, type Row } from '../../../src/trainer/rows.ts';
import { scoreCompletions } from '../../../src/trainer/score.ts';
import { randomPrompt } from './shapes.ts';

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
  /** Products by matrix units, where the device has them (`fp16` of a run). */
  fp16: boolean;
  /** Every kernel is timed besides, in one more round. */
  profile: boolean;
}

const SAMPLING = { temperature: 1, topK: 0, topP: 1, minP: null, repetitionPenalty: 1 };
/** With a reference policy, as TRL's trainer has where beta is not 0. */
const BETA = 0.04;

export class Workload {
  /** Tokens of a micro-batch. */
  readonly budget: ReturnType<typeof tokenBudget>;
  /** Fresh prompts at every call, so that no image is known from before. */
  #seed = 0;

  constructor(
    readonly policy: Policy,
    readonly work: Work,
  ) {
    const config = { ...DEFAULT_CONFIG, gradient_checkpointing: work.checkpointing };
    this.budget = tokenBudget(policy.info, config, 'webgpu');
  }

  /** `count` prompts. */
  distinct(count: number): Prompt[] {
    const { prompt, imageTokens } = this.work;
    return Array.from({ length: count }, () => randomPrompt(this.policy, prompt, imageTokens, this.#seed++));
  }

  /** `count` prompts, `group` of each. */
  groups(count: number, group: number): Prompt[] {
    return this.distinct(Math.ceil(count / group))
      .flatMap(prompt => Array<Prompt>(group).fill(prompt))
      .slice(0, count);
  }

  sample(prompts: Prompt[], maxTokens: number): ReturnType<typeof generate> {
    return generate(
      this.policy,
      prompts.map((prompt, key) => ({ prompt, key })),
      { ...SAMPLING, maxTokens },
    );
  }

  /** Rows to train on, with completions that nobody sampled. */
  randomRows(prompts: Prompt[]): Row[] {
    const { newTokens } = this.work;
    return prompts.map((prompt, seed) => ({
      sequence: {
        prompt,
        completion: Int32Array.from({ length: newTokens }, (_, i) => 500 + ((i * 31 + seed * 7) % 400)),
      },
      advantage: seed % 2 ? 1 : -1,
      samplerLogps: new Float32Array(newTokens),
      oldLogps: null,
      refLogps: null,
      samplingRatio: null,
      trained: true,
    }));
  }

  /** Adds the gradients of all rows up. */
  backward(optimizer: Optimizer, rows: Row[]): void {
    for (const part of microBatches(rows, this.budget)) this.#backward(optimizer, part);
  }

  #backward(optimizer: Optimizer, batch: Row[]): void {
    const rowOf = batch.flatMap((row, i) => Array.from(row.sequence.completion, () => i));
    const rows = new Rows(Int32Array.from(rowOf), new Float32Array(rowOf.length).fill(1), batch.length);
    const tokens = this.work.batch * this.work.newTokens;
    const normalizer = { rows: this.work.batch, tokens, generationTokens: tokens, entropyTokens: tokens };
    const reference = batch.every(row => row.refLogps)
      ? Float32Array.from(batch.flatMap(row => [...row.refLogps!]))
      : null;
    const loss = optimizer.accumulate(() => {
      const { logps } = scoreCompletions(
        this.policy,
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
}
