/** Draws the next token of every sequence from a language-model head. */
import * as tf from '@tensorflow/tfjs-core';
import { readTensor } from '../../read.ts';
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
}

export interface SampledTokens {
  /** [S] */
  tokens: Int32Array;
  /**
   * [S], log_softmax(logits / temperature) at the tokens (temperature 0 counts as 1), over the whole vocabulary: what
   * tokenLogProbs gives. Truncation and bans decide what is drawn, not its log-probability (TRL's rule).
   */
  logps: Float32Array;
}

/**
 * Gumbel-max sampling with counter-based noise: the same bits on every backend.
 *
 * @param hidden  [S, D], the last position of each sequence after the final norm.
 * @param head  [V, D].
 */
export async function sampleTokens(
  hidden: tf.Tensor2D,
  head: tf.Tensor2D,
  o: SampleOptions,
): Promise<SampledTokens> {
  const logits = tf.tidy(() => tf.matMul(hidden, head, false, true));
  try {
    return sampleReference((await readTensor(logits)) as Float32Array, head.shape[0], o);
  } finally {
    logits.dispose();
  }
}
