/** How fast the kernels are, against the same from stock tfjs ops: what `npm run bench -- kernels` prints. */
import * as tf from '@tensorflow/tfjs-core';
import {
  attention,
  byHead,
  byRow,
  embed,
  rmsNorm,
  rotary,
  shortConv,
  silu,
  TokenSequences,
  tokenLogProbs,
} from './ops/index.ts';
import { attentionReference } from './ops/attention/reference.ts';
import { rmsNormReference } from './ops/rms-norm/reference.ts';
import { rotaryReference } from './ops/rotary/reference.ts';
import { shortConvReference } from './ops/short-conv/reference.ts';
import { siluReference } from './ops/silu/reference.ts';
import { normalArray } from './random.ts';
import { readTensor, trimPool } from './read.ts';

export interface KernelTiming {
  name: string;
  /** Milliseconds of a forward and backward pass, the best of the rounds. */
  fused: number;
  /** The same from stock tfjs ops; null where no such thing would fit in memory. */
  composed: number | null;
}

export interface BenchSizes {
  batch: number;
  length: number;
  width: number;
  heads: number;
  kvHeads: number;
  vocabulary: number;
}

/** About the embedded policy's. */
export const NANO: BenchSizes = { batch: 4, length: 128, width: 128, heads: 4, kvHeads: 2, vocabulary: 1536 };

/** A round repeats a pass for this long at least: a page's clock moves in steps of a tenth of a millisecond. */
const LEAST_MS = 2;

type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

type Attention = (q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D) => tf.Tensor2D;

/**
 * Times every op with a gradient on the current backend. Each round's input is the last round's gradient, so that nothing
 * can be skipped, and one value is read back at the end.
 */
export async function benchKernels(sizes: BenchSizes = NANO, rounds = 3): Promise<KernelTiming[]> {
  const { batch: B, length: T, width: D, heads: H, kvHeads, vocabulary: V } = sizes;
  const d = D / H;
  const timings: KernelTiming[] = [];
  const compare = async (name: string, shapes: number[][], fused: Op, composed: Op | null): Promise<void> => {
    timings.push({
      name,
      fused: await time(fused, shapes, rounds),
      composed: composed && (await time(composed, shapes, rounds)),
    });
    trimPool();
  };
  const table = tf.tensor2d(normalArray(1, T * d), [T, d]);
  const ids = tf.tensor1d(
    Int32Array.from({ length: B * T }, (_, i) => (i * 7919) % V),
    'int32',
  );
  const o = { causal: true, scale: 1 / Math.sqrt(d), headSize: d, sequences: TokenSequences.padded(B, T) };
  const kv = [B * T, kvHeads * d];
  const rows =
    (f: Attention) =>
    (...x: tf.Tensor[]) =>
      f(...(x as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]));
  await compare(
    'rmsNorm',
    [[B * T, D], [D]],
    (x, w) => rmsNorm(x, w as tf.Tensor1D, 1e-5),
    (x, w) => rmsNormReference(x, w as tf.Tensor1D, 1e-5),
  );
  await compare('silu', [[B * T, 3 * D]], silu, siluReference);
  await compare(
    'rotary',
    [[B, H, T, d]],
    x => rotary(x as tf.Tensor4D, table, table),
    x => rotaryReference(x as tf.Tensor4D, table, table),
  );
  await compare(
    'shortConv',
    [
      [B, T, D],
      [D, 3],
    ],
    (u, k) => shortConv(u as tf.Tensor3D, k as tf.Tensor2D),
    (u, k) => shortConvReference(u as tf.Tensor3D, k as tf.Tensor2D),
  );
  await compare(
    'attention',
    [[B * T, D], kv, kv],
    rows((q, k, v) => attention(q, k, v, o)),
    rows((q, k, v) => {
      const [queries, keys, values] = [q, k, v].map(x => byHead(x, { batch: B, length: T }, d));
      return byRow(attentionReference(queries, keys, values, o));
    }),
  );
  await compare(
    'embed',
    [[V, D]],
    e => embed(e as tf.Tensor2D, ids),
    e => tf.gather(e, ids),
  );
  await compare(
    'tokenLogProbs',
    [
      [B * T, D],
      [V, D],
    ],
    (h, e) => tokenLogProbs(h as tf.Tensor2D, e as tf.Tensor2D, ids, 1).logps,
    null,
  );
  await compare(
    'matMul',
    [
      [B * T, D],
      [D, 3 * D],
    ],
    (a, b) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D),
    null,
  );
  tf.dispose([table, ids]);
  return timings;
}

async function time(op: Op, shapes: number[][], rounds: number): Promise<number> {
  let inputs = shapes.map((shape, i) =>
    tf.tensor(normalArray(i, tf.util.sizeFromShape(shape), 0, 0.1), shape),
  );
  const gradients = tf.grads((...x) => tf.sum(tf.tidy(() => op(...x))));
  const pass = async (): Promise<void> => {
    const next = gradients(inputs);
    const one = tf.tidy(() => tf.slice(tf.reshape(next[0], [-1]), 0, 1));
    await readTensor(one);
    one.dispose();
    tf.dispose(inputs);
    inputs = next;
  };
  // The first pass compiles the shaders.
  await pass();
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    let passes = 0;
    while (performance.now() - start < LEAST_MS) {
      await pass();
      passes++;
    }
    best = Math.min(best, (performance.now() - start) / passes);
  }
  tf.dispose(inputs);
  return best;
}
