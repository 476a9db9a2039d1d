/** Draws the next token of every sequence from a language-model head. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { params } from '../../fused.ts';
import type { PackedWeight } from '../../packed/index.ts';
import { timesTransposed } from '../linear/op.ts';
import { readTensor } from '../../read.ts';
import { sampleWgsl } from './kernel.wgsl.ts';
import { sampleReference } from './reference.ts';

export interface SampleOptions {
  /** [S], one key for each sequence and position (hashKey); equal keys draw equal noise. */
  keys: Uint32Array;
  /** 0 takes the most likely token, the lowest id on ties. */
  temperature: number;
  /** Keeps the k most likely tokens; 0 keeps all. */
  topK: number;
  /** Keeps the smallest set of likely tokens with this much probability; 1 keeps all. */
  topP: number;
  /** Keeps tokens with at least this share of the most likely one's probability; null keeps all. */
  minP: number | null;
  /** Ids never drawn. */
  banned: Int32Array;
  /** [S], what each sequence may draw: a bit a token in words of 32, at least one of them set; null for anything. */
  allowed?: readonly (Uint32Array | null)[] | null;
  /** Makes tokens that a sequence already has less likely; null does not. */
  repetition?: Repetition | null;
}

/** @see transformers RepetitionPenaltyLogitsProcessor (Keskar et al. 2019) */
export interface Repetition {
  /** Logits of tokens that were there before are divided by it where positive and multiplied where negative. Above 0; 1 changes nothing. */
  penalty: number;
  /** [S], the ids of each sequence so far, prompt and reply. */
  seen: readonly Iterable<number>[];
}

export interface SampledTokens {
  /** [S] */
  tokens: Int32Array;
  /**
   * [S], log_softmax(logits / temperature) at the tokens (temperature 0 counts as 1), over the whole vocabulary: what
   * tokenLogProbs gives. Truncation, bans and the repetition penalty decide what is drawn, not its log-probability
   * (TRL's rule).
   */
  logps: Float32Array;
}

/**
 * Gumbel-max sampling with counter-based noise: the same bits on every backend.
 *
 * @param hidden  [S, D], the last position of each sequence after the final norm.
 * @param head  [V, D].
 * @throws {RangeError} when there is not a key for every sequence, or every token is banned.
 */
export async function sampleTokens(
  hidden: tf.Tensor2D,
  head: tf.Tensor2D | PackedWeight,
  o: SampleOptions,
): Promise<SampledTokens> {
  const [rows, vocabulary] = [hidden.shape[0], head.shape[0]];
  if (o.keys.length !== rows)
    throw new RangeError(`${rows} sequences need ${rows} keys, not ${o.keys.length}.`);
  if (o.repetition && o.repetition.seen.length !== rows)
    throw new RangeError(`${rows} sequences need ${rows} lists of tokens, not ${o.repetition.seen.length}.`);
  if (o.allowed && o.allowed.length !== rows)
    throw new RangeError(`${rows} sequences need ${rows} sets of tokens, not ${o.allowed.length}.`);
  if (new Set(o.banned).size >= vocabulary) throw new RangeError('Every token is banned; none can be drawn.');
  const gpu = gpuBackend();
  const result = tf.tidy(() => {
    const logits = timesTransposed(hidden, head);
    return gpu ? draw(gpu, logits, o) : logits;
  });
  try {
    const values = await readTensor(result);
    if (!gpu) return sampleReference(values as Float32Array, vocabulary, o);
    const bits = new Float32Array(values.buffer, values.byteOffset, values.length);
    return {
      tokens: Int32Array.from({ length: rows }, (_, row) => values[2 * row]),
      logps: Float32Array.from({ length: rows }, (_, row) => bits[2 * row + 1]),
    };
  } finally {
    result.dispose();
  }
}

/** [S, 2] int32: the token, and the bits of its log-probability. */
function draw(gpu: GpuBackend, logits: tf.Tensor2D, o: SampleOptions): tf.Tensor {
  const [rows, vocabulary] = logits.shape;
  const greedy = o.temperature === 0;
  const variant = {
    width: gpu.software ? 1 : 256,
    topK: !greedy && o.topK > 0 && o.topK < vocabulary,
    topP: !greedy && o.topP < 1,
    penalty: !!o.repetition && o.repetition.penalty !== 1,
    ownBans: !!o.allowed,
  };
  const bans = o.allowed ? ownBans(o.allowed, o.banned, vocabulary) : bitSet([o.banned], vocabulary);
  const seen = variant.penalty ? [bitSet(o.repetition!.seen, vocabulary)] : [];
  const result = gpu.tensor([rows, 2], 'int32');
  const numbers = params(
    rows,
    vocabulary,
    o.topK,
    greedy ? 1 : 0,
    { f32: greedy ? 1 : o.temperature },
    { f32: o.topP },
    // Far below any logit, yet finite: WGSL may assume that no number is infinite.
    { f32: o.minP ? Math.log(o.minP) : -1e30 },
    { f32: o.repetition?.penalty ?? 1 },
  );
  const key = `sample-${Object.values(variant).join('-')}`;
  const groups = gpu.software ? Math.ceil(rows / 4) : rows;
  const tensors = [logits, o.keys, bans, ...seen, result];
  gpu.dispatch(key, () => sampleWgsl(variant), tensors, numbers, [groups, 1, 1]);
  return result;
}

/** Of each row the tokens that it may not draw. */
function ownBans(
  allowed: readonly (Uint32Array | null)[],
  banned: Int32Array,
  vocabulary: number,
): Uint32Array {
  const all = bitSet([banned], vocabulary);
  const bits = new Uint32Array(allowed.length * all.length);
  allowed.forEach((own, row) => {
    const part = bits.subarray(row * all.length, (row + 1) * all.length);
    part.set(own ? all.map((word, i) => word | ~own[i]) : all);
  });
  return bits;
}

/** A bit a token, rows one after the other, each of whole words. */
function bitSet(rows: readonly Iterable<number>[], vocabulary: number): Uint32Array {
  const words = Math.ceil(vocabulary / 32);
  const bits = new Uint32Array(rows.length * words);
  rows.forEach((ids, row) => {
    for (const id of ids) if (id >= 0 && id < vocabulary) bits[row * words + (id >>> 5)] |= 1 << (id & 31);
  });
  return bits;
}
