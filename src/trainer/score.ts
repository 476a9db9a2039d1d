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

/** The same as numbers, a micro-batch at a time: one array per row, in the order of `rows`. */
export async function readLogps<T extends { sequence: Sequence }>(
  policy: Policy,
  rows: readonly T[],
  temperature: number,
  budget: number,
  options: HiddenOptions = {},
): Promise<Float32Array[]> {
  const scores = new Map<T, Float32Array>();
  for (const batch of microBatches(rows, budget)) {
    const sequences = batch.map(row => row.sequence);
    const logps = tf.tidy(() => scoreCompletions(policy, sequences, temperature, options).logps);
    const values = (await readTensor(logps)) as Float32Array;
    logps.dispose();
    let offset = 0;
    for (const row of batch) {
      const end = offset + row.sequence.completion.length;
      scores.set(row, values.slice(offset, end));
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
