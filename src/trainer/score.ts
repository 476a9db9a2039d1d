/** Log-probabilities of rows by the training path. */
import * as tf from '@tensorflow/tfjs-core';
import { readTensor, tokenLogProbs, type TokenLogProbs } from '../gpu/index.ts';
import type { HiddenOptions, Policy, Sequence } from '../models/policy.ts';
import { microBatches } from './rows.ts';

/** Log-probabilities and entropies of the completions' tokens, [N], sequences in order; differentiable. */
export function scoreCompletions(
  policy: Policy,
  sequences: Sequence[],
  temperature: number,
  options: HiddenOptions = {},
): TokenLogProbs {
  const targets = tf.tensor1d(concatenate(sequences.map(s => s.completion)), 'int32');
  const hidden = policy.hidden(sequences, { ...options, positions: 'completion' });
  return tokenLogProbs(hidden, policy.head, targets, temperature);
}

/** Of one completion's tokens. */
export interface Score {
  logps: Float32Array;
  /** Nats, at the temperature. */
  entropies: Float32Array;
}

/** The same as numbers, a micro-batch at a time: one score per row, in the order of `rows`. */
export async function readScores<T extends { sequence: Sequence }>(
  policy: Policy,
  rows: readonly T[],
  temperature: number,
  budget: number,
  options: HiddenOptions = {},
): Promise<Score[]> {
  const scores = new Map<T, Score>();
  for (const batch of microBatches(rows, budget)) {
    const sequences = batch.map(row => row.sequence);
    const { logps, entropy } = tf.tidy(() => ({
      ...scoreCompletions(policy, sequences, temperature, options),
    }));
    const [values, entropies] = [
      (await readTensor(logps)) as Float32Array,
      (await readTensor(entropy)) as Float32Array,
    ];
    tf.dispose([logps, entropy]);
    let offset = 0;
    for (const row of batch) {
      const end = offset + row.sequence.completion.length;
      scores.set(row, { logps: values.slice(offset, end), entropies: entropies.slice(offset, end) });
      offset = end;
    }
  }
  return rows.map(row => scores.get(row)!);
}

function concatenate(parts: Int32Array[]): Int32Array {
  const whole = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
