/** How token rows lie together in one forward pass: the two mixers need to know, everything else works row by row. */
import * as tf from '@tensorflow/tfjs-core';
import {
  attention,
  attentionByHead,
  byHead,
  byRow,
  gpuBackend,
  headRotary,
  rotary,
  shortConv,
  TokenSequences,
  type BatchShape,
  type HeadRotaryOptions,
} from '../../gpu/index.ts';
import type { Lfm2Config } from './config.ts';
import type { RotaryRows } from './rotary-tables.ts';

export interface TokenLayout {
  /** Which rows are one sequence's, as the kernels of webgpu read it. */
  readonly sequences: TokenSequences;
  readonly trace?: LayerTrace;
  /** The causal depthwise convolution along each sequence. u: [rows, D], kernel: [D, L]; returns [rows, D]. */
  convolve(u: tf.Tensor2D, kernel: tf.Tensor2D): tf.Tensor2D;
  /**
   * Each head's norm and its rotation by position, in one pass that webgpu alone has.
   * @param x  [rows, heads · headSize], of queries or of keys
   */
  turn(x: tf.Tensor2D, norm: HeadRotaryOptions['norm']): tf.Tensor2D;
  /**
   * Causal attention within each sequence and over what it continues. On wasm it rotates first, unless the caller has done
   * that; on webgpu `turn` has.
   * @param q  [rows, heads · headSize], normalised; on wasm it may have a row a head, as k and v
   * @param k  [rows, keyValueHeads · headSize], normalised
   * @param v  as k, not normalised
   * @returns [rows, heads · headSize]
   */
  attend(layer: number, q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor2D;
}

/** What decoding needs to remember of each layer: conv inputs, or keys and values. */
export interface LayerTrace {
  /** [batch · length, 3D], what in_proj gives: the convolution's input is the product of its first and its last third. */
  onConvInput(layer: number, bcx: tf.Tensor2D): void;
  onKeyValue(layer: number, keysAndValues: KeysAndValues): void;
}

/** Rotated keys, and values, as attention had them or moved on demand. */
export interface KeysAndValues {
  /** [batch · length, keyValueHeads · headSize] each */
  rows(): [tf.Tensor2D, tf.Tensor2D];
  /** [batch, keyValueHeads, length, headSize] each */
  byHead(): [tf.Tensor4D, tf.Tensor4D];
}

/** Rotated by position, where that is still to be done. */
export function turned(x: tf.Tensor4D, angles: RotaryRows | null): tf.Tensor4D {
  return angles ? rotary(x, angles.cos, angles.sin) : x;
}

/** Right-padded sequences. Causality makes the padding harmless to real tokens. */
export class PaddedBatch implements TokenLayout {
  readonly sequences: TokenSequences;

  constructor(
    private readonly shape: BatchShape,
    /** Of positions from 0 on, asked for in every layer; null where queries and keys come rotated. */
    private readonly angles: (() => RotaryRows) | null,
    private readonly config: Pick<Lfm2Config, 'headSize'>,
    readonly trace?: LayerTrace,
  ) {
    this.sequences = TokenSequences.padded(shape.batch, shape.length);
  }

  convolve(u: tf.Tensor2D, kernel: tf.Tensor2D): tf.Tensor2D {
    const sequences = tf.reshape(u, [this.shape.batch, this.shape.length, u.shape[1]]) as tf.Tensor3D;
    return tf.reshape(shortConv(sequences, kernel), u.shape);
  }

  turn(x: tf.Tensor2D, norm: HeadRotaryOptions['norm']): tf.Tensor2D {
    return headRotary(x, { ...this.angles!(), sequences: this.sequences, norm });
  }

  attend(layer: number, q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor2D {
    const { shape, sequences } = this;
    const { headSize } = this.config;
    const options = { causal: true, scale: 1 / Math.sqrt(headSize) };
    if (gpuBackend()) {
      this.trace?.onKeyValue(layer, {
        rows: () => [k, v],
        byHead: () => [byHead(k, shape, headSize), byHead(v, shape, headSize)],
      });
      return attention(q, k, v, { ...options, sequences, headSize });
    }
    const angles = this.angles?.() ?? null;
    const queries = turned(byHead(q, shape, headSize), angles);
    const keys = turned(byHead(k, shape, headSize), angles);
    const values = byHead(v, shape, headSize);
    this.trace?.onKeyValue(layer, {
      rows: () => [byRow(keys), byRow(values)],
      byHead: () => [keys, values],
    });
    return byRow(attentionByHead(queries, keys, values, options));
  }
}
