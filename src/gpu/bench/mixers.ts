/** Bench cases of what mixes the tokens of a sequence or knows their positions: rotary, convolution, attention. */
import * as tf from '@tensorflow/tfjs-core';
import {
  attention,
  byHead,
  byRow,
  decodeAttention,
  gatedConv,
  headRotary,
  KvCache,
  rotary,
  shortConv,
  TokenSequences,
} from '../ops/index.ts';
import { attentionReference } from '../ops/attention/reference.ts';
import { headRotaryReference } from '../ops/head-rotary/reference.ts';
import { rotaryReference } from '../ops/rotary/reference.ts';
import { shortConvReference } from '../ops/short-conv/reference.ts';
import { normalArray } from '../random.ts';
import { readTensor } from '../read.ts';
import type { BenchSizes, CallCase, CaseGroup } from './cases.ts';

const EPS = 1e-5;

export function mixerCases(sizes: BenchSizes): CaseGroup {
  const { batch: B, length: T, width: D, heads: H, kvHeads } = sizes;
  const d = D / H;
  const shape = { batch: B, length: T };
  const sequences = TokenSequences.padded(B, T);
  const table = tf.tensor2d(normalArray(1, T * d), [T, d]);
  const angles = { cos: table, sin: table };
  const o = { causal: true, scale: 1 / Math.sqrt(d), headSize: d, sequences };
  const kv = [B * T, kvHeads * d];
  const decode = decodeCase(sizes);
  return {
    cases: [
      {
        name: 'rotary',
        shapes: [[B, H, T, d]],
        fused: x => rotary(x as tf.Tensor4D, table, table),
        composed: x => rotaryReference(x as tf.Tensor4D, table, table),
      },
      {
        name: 'headRotary',
        gpuOnly: true,
        shapes: [[B * T, D], [d]],
        fused: (x, gain) =>
          headRotary(x as tf.Tensor2D, {
            ...angles,
            sequences,
            norm: { gain: gain as tf.Tensor1D, eps: EPS },
          }),
        composed: (x, gain) =>
          headRotaryReference(
            x as tf.Tensor2D,
            { ...angles, norm: { gain: gain as tf.Tensor1D, eps: EPS } },
            shape,
          ),
      },
      {
        name: 'shortConv',
        shapes: [
          [B, T, D],
          [D, 3],
        ],
        fused: (u, k) => shortConv(u as tf.Tensor3D, k as tf.Tensor2D),
        composed: (u, k) => shortConvReference(u as tf.Tensor3D, k as tf.Tensor2D),
      },
      {
        name: 'gatedConv',
        gpuOnly: true,
        shapes: [
          [B * T, 3 * D],
          [D, 3],
        ],
        fused: (bcx, k) => gatedConv(bcx as tf.Tensor2D, k as tf.Tensor2D, sequences),
        composed: (bcx, k) => evenGatedConv(bcx, k as tf.Tensor2D, [B, T, D]),
      },
      {
        name: 'attention',
        shapes: [[B * T, D], kv, kv],
        fused: (q, k, v) => attention(q as tf.Tensor2D, k as tf.Tensor2D, v as tf.Tensor2D, o),
        composed: (...qkv: tf.Tensor[]) => {
          const [q, k, v] = qkv.map(x => byHead(x as tf.Tensor2D, shape, d));
          return byRow(attentionReference(q, k, v, o));
        },
      },
      decode.case,
    ],
    dispose: () => {
      table.dispose();
      decode.dispose();
    },
  };
}

/** gatedConvReference gathers rows by a table; sequences of one length, as they are here, need none and are faster without. */
function evenGatedConv(bcx: tf.Tensor, kernel: tf.Tensor2D, shape: [number, number, number]): tf.Tensor {
  const [gateIn, gateOut, x] = tf.split(bcx, 3, 1);
  const mixed = shortConvReference(tf.reshape(tf.mul(gateIn, x), shape), kernel);
  return tf.mul(gateOut, tf.reshape(mixed, gateOut.shape));
}

/** One token of each sequence after `length` - 1 others, which stock ops keep as tensors that grow by concatenation. */
function decodeCase({ batch: B, length: T, width: D, heads: H, kvHeads }: BenchSizes): {
  case: CallCase;
  dispose(): void;
} {
  const d = D / H;
  const made = (key: number, heads: number, length: number): tf.Tensor4D =>
    tf.tensor4d(normalArray(key, B * heads * length * d), [B, heads, length, d]);
  const [q, k, v] = [made(1, H, 1), made(2, kvHeads, 1), made(3, kvHeads, 1)];
  const past = [4, 5].map(key => made(key, kvHeads, T - 1));
  const cache = KvCache.fromPrefill(past[0], past[1], T);
  const positions = new Int32Array(B).fill(T - 1);
  const token = (x: tf.Tensor4D): tf.Tensor3D => tf.reshape(x, [B, -1, d]);
  const o = { causal: false, scale: 1 / Math.sqrt(d) };
  const read = async (work: () => tf.Tensor): Promise<ArrayLike<number>> => {
    const out = tf.tidy(work);
    const values = await readTensor(out);
    out.dispose();
    return values;
  };
  return {
    case: {
      name: 'decodeAttention',
      fused: () => read(() => decodeAttention(token(q), token(k), token(v), cache, positions)),
      composed: () =>
        read(() => attentionReference(q, tf.concat([past[0], k], 2), tf.concat([past[1], v], 2), o)),
    },
    dispose: () => {
      cache.dispose();
      tf.dispose([q, k, v, past]);
    },
  };
}
