/**
 * Completions that continue the same prompt, with the prompt computed once: a GRPO group of 8 costs little more than one of its
 * members. Exact, gradients included: completions see their prompt's keys, values and last conv inputs.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  attention,
  attentionByHead,
  byHead,
  byRow,
  embed,
  gpuBackend,
  headRotary,
  shortConv,
  TokenSequences,
  type BatchShape,
  type HeadRotaryOptions,
  type TokenSequence,
} from '../../gpu/index.ts';
import type { Lfm2Config } from './config.ts';
import { turned, type TokenLayout } from './layout.ts';
import type { RotaryRows, RotaryTables } from './rotary-tables.ts';

/** Prompts of one length and what continues them; rows: all prompts, then all completions right-padded. */
export interface PromptClass {
  prompts: BatchShape;
  completions: BatchShape;
  /** For each completion the prompt, from 0 within the class. */
  promptOf: Int32Array;
}

export function rowsOf({ prompts, completions }: PromptClass): number {
  return prompts.batch * prompts.length + completions.batch * completions.length;
}

/** Every prompt, and every completion as what continues it. */
function sequencesOf(classes: readonly PromptClass[]): TokenSequences {
  const all: TokenSequence[] = [];
  let rows = 0;
  const add = (length: number, continues?: number): void => {
    all.push({ first: rows, length, continues });
    rows += length;
  };
  for (const { prompts, completions, promptOf } of classes) {
    const firstPrompt = all.length;
    for (let i = 0; i < prompts.batch; i++) add(prompts.length);
    for (const prompt of promptOf) add(completions.length, firstPrompt + prompt);
  }
  return new TokenSequences(all);
}

export class SharedPrompts implements TokenLayout {
  readonly sequences: TokenSequences;

  constructor(
    private readonly classes: PromptClass[],
    /** null where queries and keys come rotated. */
    private readonly rotary: RotaryTables | null,
    private readonly config: Pick<Lfm2Config, 'headSize'>,
  ) {
    this.sequences = sequencesOf(classes);
  }

  convolve(u: tf.Tensor2D, kernel: tf.Tensor2D): tf.Tensor2D {
    return this.#byClass([u], (group, [rows]) => convolveClass(group, rows, kernel));
  }

  turn(x: tf.Tensor2D, norm: HeadRotaryOptions['norm']): tf.Tensor2D {
    const { sequences } = this;
    return headRotary(x, { ...this.rotary!.reaching(sequences.positions), sequences, norm });
  }

  attend(_: number, q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor2D {
    if (gpuBackend()) {
      const { headSize } = this.config;
      const scale = 1 / Math.sqrt(headSize);
      return attention(q, k, v, { sequences: this.sequences, headSize, causal: true, scale });
    }
    return this.#byClass([q, k, v], (group, parts) => this.#attendClass(group, parts));
  }

  /** Applies `f` to each class's share of the tensors' rows; a tensor may have several rows a token. */
  #byClass(
    tensors: tf.Tensor2D[],
    f: (group: PromptClass, parts: tf.Tensor2D[]) => tf.Tensor2D[],
  ): tf.Tensor2D {
    const total = this.classes.reduce((sum, group) => sum + rowsOf(group), 0);
    let start = 0;
    const results = this.classes.flatMap(group => {
      const count = rowsOf(group);
      const parts = tensors.map(tensor => sliceRows(tensor, start, count, tensor.shape[0] / total));
      start += count;
      return f(group, parts);
    });
    return results.length === 1 ? results[0] : tf.concat(results, 0);
  }

  #attendClass({ prompts, completions, promptOf }: PromptClass, parts: tf.Tensor2D[]): tf.Tensor2D[] {
    const { headSize } = this.config;
    const options = { causal: true, scale: 1 / Math.sqrt(headSize) };
    const promptRows = prompts.batch * prompts.length;
    const split = parts.map(part => {
      const heads = part.shape[0] / rowsOf({ prompts, completions, promptOf });
      return [
        byHead(sliceRows(part, 0, promptRows, heads), prompts, headSize),
        () =>
          byHead(
            sliceRows(part, promptRows, completions.batch * completions.length, heads),
            completions,
            headSize,
          ),
      ] as const;
    });
    const [[q, laterQ], [k, laterK], [v, laterV]] = split;
    const angles = this.rotary?.range(prompts.length + completions.length);
    const first = angles ? rowsFrom(angles, 0, prompts.length) : null;
    const keys = turned(k, first);
    const mixed = byRow(attentionByHead(turned(q, first), keys, v, options));
    if (completions.length === 0) return [mixed];

    const later = angles ? rowsFrom(angles, prompts.length, completions.length) : null;
    const allKeys = tf.concat([repeat(keys, promptOf), turned(laterK(), later)], 2);
    const allValues = tf.concat([repeat(v, promptOf), laterV()], 2);
    const queries = turned(laterQ(), later);
    return [mixed, byRow(attentionByHead(queries, allKeys, allValues, options))];
  }
}

function convolveClass(group: PromptClass, u: tf.Tensor2D, kernel: tf.Tensor2D): tf.Tensor2D[] {
  const { prompts, completions, promptOf } = group;
  const size = u.shape[1];
  const promptRows = prompts.batch * prompts.length;
  const first = tf.reshape(sliceRows(u, 0, promptRows), [prompts.batch, prompts.length, size]) as tf.Tensor3D;
  const mixed = tf.reshape(shortConv(first, kernel), [promptRows, size]) as tf.Tensor2D;
  if (completions.length === 0) return [mixed];

  const laterRows = completions.batch * completions.length;
  const later = tf.reshape(sliceRows(u, promptRows, laterRows), [
    completions.batch,
    completions.length,
    size,
  ]) as tf.Tensor3D;
  const seen = Math.min(kernel.shape[1] - 1, prompts.length);
  if (seen === 0) return [mixed, tf.reshape(shortConv(later, kernel), [laterRows, size])];
  const last = tf.slice(first, [0, prompts.length - seen, 0], [prompts.batch, seen, size]);
  const whole = shortConv(tf.concat([repeat(last, promptOf), later], 1), kernel);
  const own = tf.slice(whole, [0, seen, 0], later.shape);
  return [mixed, tf.reshape(own, [laterRows, size])];
}

/** Rows start … start + count - 1, where a token has `each` rows. */
function sliceRows(x: tf.Tensor2D, start: number, count: number, each = 1): tf.Tensor2D {
  if (start === 0 && count * each === x.shape[0]) return x;
  return tf.slice(x, [start * each, 0], [count * each, x.shape[1]]);
}

/** x[index] along the first dimension, with embed's deterministic gradient. */
function repeat<T extends tf.Tensor3D | tf.Tensor4D>(x: T, index: Int32Array): T {
  const table = tf.reshape(x, [x.shape[0], x.size / x.shape[0]]) as tf.Tensor2D;
  const shape: number[] = [index.length, ...x.shape.slice(1)];
  return tf.reshape<tf.Rank>(embed(table, tf.tensor1d(index, 'int32')), shape as [number]) as T;
}

function rowsFrom({ cos, sin }: RotaryRows, start: number, count: number): RotaryRows {
  return { cos: sliceRows(cos, start, count), sin: sliceRows(sin, start, count) };
}
