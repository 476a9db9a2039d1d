import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { checkOp, expectClose, onBothBackends, onHardwareForm, type Plain } from '../../testing.ts';
import { TokenSequences, type TokenSequence } from '../token-sequences.ts';
import { gatedConv } from './op.ts';
import { gatedConvReference } from './reference.ts';

interface Case {
  what: string;
  /** Lengths, and for a completion the index of its prompt. */
  sequences: [length: number, continues?: number][];
  D: number;
  L: number;
}

const CASES: Case[] = [
  { what: 'one sequence', sequences: [[6]], D: 5, L: 3 },
  { what: 'ragged sequences', sequences: [[3], [7], [1]], D: 4, L: 3 },
  { what: 'completions of two prompts', sequences: [[5], [4], [3, 0], [2, 1], [4, 0]], D: 8, L: 3 },
  { what: 'completions of no token and of one', sequences: [[4], [0, 0], [1, 0], [1, 0]], D: 3, L: 4 },
  { what: 'prompts shorter than the kernel', sequences: [[1], [2], [3, 0], [5, 1], [1, 1]], D: 4, L: 5 },
  { what: 'an empty prompt', sequences: [[0], [3, 0], [2]], D: 2, L: 3 },
  { what: 'one tap', sequences: [[3], [2, 0]], D: 4, L: 1 },
  { what: 'more channels and rows than a workgroup and a chunk', sequences: [[66], [70, 0]], D: 68, L: 2 },
];

function layOut(sequences: Case['sequences']): TokenSequence[] {
  let rows = 0;
  return sequences.map(([length, continues]) => {
    const first = rows;
    rows += length;
    return { first, length, continues };
  });
}

/** Each sequence with what it continues as one list of rows, convolved by the definition. */
function plainConv({ sequences, D, L }: Case): Plain {
  const all = layOut(sequences);
  const rowsOf = ({ first, length }: TokenSequence): number[] => Array.from({ length }, (_, t) => first + t);
  return (bcx, kernel) => {
    const out = new Float64Array(bcx.length / 3);
    for (const sequence of all) {
      const past = sequence.continues === undefined ? [] : rowsOf(all[sequence.continues]);
      const rows = [...past, ...rowsOf(sequence)];
      for (let t = past.length; t < rows.length; t++)
        for (let d = 0; d < D; d++) {
          let sum = 0;
          for (let l = 0; l < L; l++) {
            const seen = t - (L - 1) + l;
            if (seen < 0) continue;
            const at = rows[seen] * 3 * D + d;
            sum += kernel[d * L + l] * bcx[at] * bcx[at + 2 * D];
          }
          out[rows[t] * D + d] = bcx[rows[t] * 3 * D + D + d] * sum;
        }
    }
    return out;
  };
}

for (const c of CASES) {
  const sequences = new TokenSequences(layOut(c.sequences));
  onBothBackends(`a gated convolution of ${c.what} and its gradients hold`, () =>
    checkOp((bcx, k) => gatedConv(bcx as tf.Tensor2D, k as tf.Tensor2D, sequences), plainConv(c), [
      { shape: [sequences.rows, 3 * c.D] },
      { shape: [c.D, c.L] },
    ]),
  );
}

onHardwareForm('every gradient of shared prompts agrees with stock tfjs ops', async () => {
  const sequences = new TokenSequences(layOut([[9], [3], [4, 0], [6, 1], [2, 0], [2, 0]]));
  const [D, L] = [20, 3];
  const bcx = tf.tensor2d(normalArray(1, sequences.rows * 3 * D), [sequences.rows, 3 * D]);
  const kernel = tf.tensor2d(normalArray(2, D * L), [D, L]);
  const dy = tf.tensor2d(normalArray(3, sequences.rows * D), [sequences.rows, D]);
  const gradients = (f: typeof gatedConv): tf.Tensor[] =>
    tf.grads((x, k) => f(x as tf.Tensor2D, k as tf.Tensor2D, sequences))([bcx, kernel], dy);
  const [got, expected] = [gradients(gatedConv), gradients(gatedConvReference)];
  for (const [i, what] of ['dbcx', 'dkernel'].entries())
    expectClose(await readTensor(got[i]), await readTensor(expected[i]), 1e-5, what);
  tf.dispose([bcx, kernel, dy, got, expected]);
});

onBothBackends('rows that are no sequence’s are refused', async () => {
  const [bcx, kernel] = [tf.zeros<tf.Rank.R2>([4, 6]), tf.zeros<tf.Rank.R2>([2, 3])];
  expect(() => gatedConv(bcx, kernel, TokenSequences.padded(1, 3))).toThrow(RangeError);
  tf.dispose([bcx, kernel]);
});
