import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { gpuBackend } from '../../backend.ts';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import {
  checkOp,
  expectClose,
  onBackend,
  onBothBackends,
  onHardwareForm,
  type Plain,
} from '../../testing.ts';
import { TokenSequences, type TokenSequence } from '../token-sequences.ts';
import { attentionByHead, byHead, byRow } from './by-head.ts';
import { attention } from './op.ts';
import { attentionReference } from './reference.ts';

interface Case {
  sequences: TokenSequence[];
  H: number;
  Hk: number;
  d: number;
  causal: boolean;
}

/** Sequences of these lengths, each with the index of the one that it continues. */
function sequencesOf(...lengths: (number | [length: number, continues: number])[]): TokenSequence[] {
  let first = 0;
  return lengths.map(given => {
    const [length, continues] = typeof given === 'number' ? [given] : given;
    const sequence = { first, length, continues };
    first += length;
    return sequence;
  });
}

/** For every row the rows that it sees. */
function seenBy(sequences: TokenSequence[], causal: boolean): number[][] {
  const range = (first: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => first + i);
  return sequences.flatMap(({ first, length, continues }) => {
    const past =
      continues === undefined ? [] : range(sequences[continues].first, sequences[continues].length);
    return range(0, length).map(t => [...past, ...range(first, causal ? t + 1 : length)]);
  });
}

function plainAttention({ sequences, H, Hk, d, causal }: Case, scale: number): Plain {
  const seen = seenBy(sequences, causal);
  return (q, k, v) => {
    const out = new Float64Array(q.length);
    for (let row = 0; row < seen.length; row++)
      for (let h = 0; h < H; h++) {
        const own = (row * H + h) * d;
        const at = seen[row].map(key => (key * Hk + Math.floor(h / (H / Hk))) * d);
        attend(out.subarray(own, own + d), q.subarray(own, own + d), k, v, at, scale);
      }
    return out;
  };
}

/** One query over the keys and values that begin at `at`. */
function attend(
  out: Float64Array,
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  at: number[],
  scale: number,
): void {
  const scores = at.map(key => scale * q.reduce((sum, x, e) => sum + x * k[key + e], 0));
  const top = Math.max(...scores);
  const weights = scores.map(s => Math.exp(s - top));
  const total = weights.reduce((a, w) => a + w, 0);
  weights.forEach((w, j) => {
    for (let e = 0; e < out.length; e++) out[e] += (w / total) * v[at[j] + e];
  });
}

function checkAttention(c: Case): Promise<void> {
  const sequences = new TokenSequences(c.sequences);
  const o = { sequences, headSize: c.d, causal: c.causal, scale: 1 / Math.sqrt(c.d) };
  const op = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor): tf.Tensor =>
    attention(q as tf.Tensor2D, k as tf.Tensor2D, v as tf.Tensor2D, o);
  const kv = { shape: [sequences.rows, c.Hk * c.d] };
  return checkOp(op, plainAttention(c, o.scale), [{ shape: [sequences.rows, c.H * c.d] }, kv, kv]);
}

const EVEN: Case[] = [
  { sequences: sequencesOf(7, 7), H: 4, Hk: 2, d: 6, causal: true },
  { sequences: sequencesOf(5), H: 3, Hk: 3, d: 5, causal: false },
  { sequences: sequencesOf(3, 3, 3), H: 4, Hk: 1, d: 8, causal: false },
  { sequences: sequencesOf(131), H: 1, Hk: 1, d: 2, causal: true },
  { sequences: sequencesOf(1, 1, 1), H: 2, Hk: 2, d: 3, causal: true },
];

/** Two prompts with three completions and one, one of them empty, one of a single token; what stands alone; what is empty. */
const RAGGED = sequencesOf(5, 3, [4, 0], [0, 0], [1, 0], [2, 1], 6, 0, 1);

/** More rows than a workgroup of four threads a row has, before and after the end of the prompt. */
const LONG = sequencesOf(19, [18, 0], 2, [1, 0], [33, 2]);

for (const c of EVEN) {
  const name = `${c.causal ? 'causal' : 'full'} attention, ${c.sequences.length} times ${c.sequences[0].length}, ${c.H} over ${c.Hk} heads of ${c.d}`;
  onBothBackends(`${name}, and its gradients hold`, () => checkAttention(c));
}

for (const [d, H, Hk] of [
  [16, 4, 2],
  [32, 2, 1],
  [64, 2, 2],
  [128, 3, 1],
  [5, 2, 1],
])
  onBackend(
    'webgpu',
    `attention over completions and their prompts, ${H} over ${Hk} heads of ${d}`,
    async () => {
      await checkAttention({ sequences: RAGGED, H, Hk, d, causal: true });
      if (d === 16) await checkAttention({ sequences: LONG, H, Hk, d, causal: true });
    },
  );

onBackend('webgpu', 'what continues a sequence sees it whole without a causal mask, too', () =>
  checkAttention({ sequences: RAGGED, H: 2, Hk: 1, d: 4, causal: false }),
);

onHardwareForm('attention and its gradients hold, by four threads a row and by one', async () => {
  await checkAttention({ sequences: sequencesOf(19, 19), H: 4, Hk: 2, d: 16, causal: true });
  await checkAttention({ sequences: sequencesOf(18, 33), H: 2, Hk: 2, d: 16, causal: false });
  await checkAttention({ sequences: RAGGED, H: 4, Hk: 2, d: 16, causal: true });
  await checkAttention({ sequences: LONG, H: 2, Hk: 1, d: 16, causal: true });
  await checkAttention({ sequences: RAGGED, H: 3, Hk: 1, d: 5, causal: true });
  if (gpuBackend()!.gpu.name.includes('swiftshader')) return;
  for (const d of [32, 64, 128]) await checkAttention({ sequences: LONG, H: 4, Hk: 2, d, causal: true });
});

onBothBackends('the kernel agrees with stock tfjs ops, values and gradients', async () => {
  const [batch, length, d] = [2, 9, 8];
  const widths = [4, 2, 2].map(heads => heads * d);
  const inputs = widths.map((width, i) =>
    tf.tensor2d(normalArray(i, batch * length * width), [batch * length, width]),
  );
  const dy = tf.tensor2d(normalArray(9, inputs[0].size), inputs[0].shape);
  const o = { causal: true, scale: 0.4, headSize: d, sequences: TokenSequences.padded(batch, length) };
  const composed: typeof attention = (...qkv) => {
    const [q, k, v] = qkv.slice(0, 3).map(x => byHead(x as tf.Tensor2D, { batch, length }, d));
    return byRow(attentionReference(q, k, v, o));
  };
  const grads = (f: typeof attention): tf.Tensor[] =>
    tf.grads((q, k, v) => tf.tidy(() => f(q as tf.Tensor2D, k as tf.Tensor2D, v as tf.Tensor2D, o)))(
      inputs,
      dy,
    );
  const [got, expected] = [grads(attention), grads(composed)];
  for (const i of [0, 1, 2]) expectClose(await readTensor(got[i]), await readTensor(expected[i]), 1e-5);
  tf.dispose([inputs, dy, got, expected]);
});

onBackend('wasm', 'by head, later queries see the keys before them', async () => {
  const shapes = [
    [2, 4, 3, 8],
    [2, 1, 9, 8],
    [2, 1, 9, 8],
  ];
  const inputs = shapes.map((shape, i) => tf.tensor(normalArray(i, tf.util.sizeFromShape(shape)), shape));
  const grads = (f: typeof attentionByHead, causal: boolean): tf.Tensor[] =>
    tf.grads((q, k, v) =>
      tf.tidy(() => f(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, { causal, scale: 0.4 })),
    )(inputs, inputs[0]);
  for (const causal of [true, false]) {
    const [got, expected] = [grads(attentionByHead, causal), grads(attentionReference, causal)];
    for (const i of [0, 1, 2]) expectClose(await readTensor(got[i]), await readTensor(expected[i]), 1e-5);
    tf.dispose([got, expected]);
  }
  tf.dispose(inputs);
});

onBothBackends('rows that do not belong together are refused', async backend => {
  const [q, k] = [tf.zeros<tf.Rank.R2>([6, 8]), tf.zeros<tf.Rank.R2>([6, 12])];
  const o = { sequences: TokenSequences.padded(2, 3), headSize: 4, causal: true, scale: 1 };
  expect(() => attention(q, k, k, o), 'three key-value heads for two').toThrow(RangeError);
  expect(() => attention(q, q, q, { ...o, sequences: TokenSequences.padded(1, 5) })).toThrow(RangeError);
  const continuing = { ...o, sequences: new TokenSequences(sequencesOf(2, [4, 0])) };
  if (backend === 'wasm') expect(() => attention(q, q, q, continuing)).toThrow(RangeError);
  tf.dispose([q, k]);
});
