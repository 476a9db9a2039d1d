/** How token rows lie together in one forward pass: the two mixers need to know, everything else works row by row. */
import * as tf from '@tensorflow/tfjs-core';
import { attention, rotary, shortConv, TokenSequences } from '../../gpu/ops/index.ts';
import type { Lfm2Config } from './config.ts';
import type { RotaryRows } from './rotary-tables.ts';

export interface TokenLayout {
  /** Which rows are one sequence's, as the kernels of webgpu read it. */
  readonly sequences: TokenSequences;
  /** The causal depthwise convolution along each sequence. u: [rows, D], kernel: [D, L]; returns [rows, D]. */
  convolve(layer: number, u: tf.Tensor2D, kernel: tf.Tensor2D): tf.Tensor2D;
  /**
   * Rotation by position, unless the caller has done that, and causal attention within each sequence.
   * @param q  [rows · heads, headSize], normalised
   * @param k  [rows · keyValueHeads, headSize], normalised
   * @param v  as k, not normalised
   * @returns [rows, heads · headSize]
   */
  attend(layer: number, q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor2D;
}

/** What decoding needs to remember of each layer: conv inputs, or keys and values. */
export interface LayerTrace {
  /** [batch, length, D] */
  onConvInput(layer: number, u: tf.Tensor3D): void;
  /** [batch, keyValueHeads, length, headSize] each, keys rotated */
  onKeyValue(layer: number, k: tf.Tensor4D, v: tf.Tensor4D): void;
}

/** A batch of `batch` sequences of `length` tokens, side by side: [batch · length, D]. */
export interface BatchShape {
  batch: number;
  length: number;
}

/** [batch · length · heads, headSize] to [batch, heads, length, headSize]. */
export function byHead(x: tf.Tensor2D, { batch, length }: BatchShape, headSize: number): tf.Tensor4D {
  return tf.transpose(tf.reshape(x, [batch, length, -1, headSize]), [0, 2, 1, 3]) as tf.Tensor4D;
}

/** [batch, heads, length, headSize] to [batch · length, heads · headSize]. */
export function byRow(x: tf.Tensor4D): tf.Tensor2D {
  const [batch, heads, length, headSize] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch * length, heads * headSize]);
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
    /** Of positions 0 … length - 1, asked for in every layer; null where queries and keys come rotated. */
    private readonly angles: (() => RotaryRows) | null,
    private readonly config: Pick<Lfm2Config, 'headSize'>,
    private readonly trace?: LayerTrace,
  ) {
    this.sequences = TokenSequences.padded(shape.batch, shape.length);
  }

  convolve(layer: number, u: tf.Tensor2D, kernel: tf.Tensor2D): tf.Tensor2D {
    const sequences = tf.reshape(u, [this.shape.batch, this.shape.length, u.shape[1]]) as tf.Tensor3D;
    this.trace?.onConvInput(layer, sequences);
    return tf.reshape(shortConv(sequences, kernel), u.shape);
  }

  attend(layer: number, q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor2D {
    const { headSize } = this.config;
    const angles = this.angles?.() ?? null;
    const queries = turned(byHead(q, this.shape, headSize), angles);
    const keys = turned(byHead(k, this.shape, headSize), angles);
    const values = byHead(v, this.shape, headSize);
    this.trace?.onKeyValue(layer, keys, values);
    return byRow(attention(queries, keys, values, { causal: true, scale: 1 / Math.sqrt(headSize) }));
  }
}
