/** The blocks of an LFM2 layer over whole right-padded sequences: short convolution, attention, gated MLP. */
import * as tf from '@tensorflow/tfjs-core';
import { attention, rmsNorm, rotary, shortConv, silu } from '../../gpu/ops/index.ts';
import type { WeightView } from '../weight-view.ts';
import type { Lfm2Config } from './config.ts';
import type { RotaryRows } from './rotary-tables.ts';

/** A batch of `batch` sequences of `length` tokens, as rows side by side: [batch · length, D]. */
export interface BatchShape {
  batch: number;
  length: number;
}

/** RMSNorm with the weight of that name. */
export function norm(view: WeightView, name: string, x: tf.Tensor2D, eps: number): tf.Tensor2D {
  return rmsNorm(x, view.get<tf.Rank.R1>(`${name}.weight`), eps) as tf.Tensor2D;
}

/** The depthwise kernel as [D, L]. */
export function convKernel(view: WeightView, path: string): tf.Tensor2D {
  const kernel = view.get(`${path}conv.weight`);
  return tf.reshape(kernel, [kernel.shape[0], kernel.shape[2]!]);
}

/** in_proj's three parts of a conv block: B, C, x, each [rows, D]. */
export function convInputs(view: WeightView, path: string, y: tf.Tensor2D): tf.Tensor2D[] {
  return tf.split(view.linear(`${path}in_proj`, y), 3, 1);
}

/**
 * @param y  [rows, D], normalised
 * @param onInput  receives u = B ⊙ x as [batch, length, D]: what the decode state keeps the end of
 */
export function convBlock(
  view: WeightView,
  path: string,
  y: tf.Tensor2D,
  { batch, length }: BatchShape,
  onInput?: (u: tf.Tensor3D) => void,
): tf.Tensor2D {
  const [gateIn, gateOut, x] = convInputs(view, path, y);
  const u = tf.reshape(tf.mul(gateIn, x), [batch, length, y.shape[1]]) as tf.Tensor3D;
  onInput?.(u);
  let mixed = tf.reshape(shortConv(u, convKernel(view, path)), y.shape) as tf.Tensor2D;
  if (view.has(`${path}conv.bias`)) mixed = tf.add(mixed, view.get(`${path}conv.bias`));
  return view.linear(`${path}out_proj`, tf.mul(gateOut, mixed));
}

/** Rows of heads, normalised: [rows · heads, headSize]. */
export function normedHeads(
  view: WeightView,
  path: string,
  which: 'q' | 'k',
  y: tf.Tensor2D,
  config: Lfm2Config,
): tf.Tensor2D {
  const projected = tf.reshape(view.linear(`${path}${which}_proj`, y), [-1, config.headSize]) as tf.Tensor2D;
  return norm(view, `${path}${which}_layernorm`, projected, config.normEps);
}

/**
 * @param y  [rows, D], normalised
 * @param onKeyValue  receives k (after norm and rotation) and v, [batch, keyValueHeads, length, headSize]
 */
export function attentionBlock(
  view: WeightView,
  path: string,
  y: tf.Tensor2D,
  { batch, length }: BatchShape,
  { cos, sin }: RotaryRows,
  config: Lfm2Config,
  onKeyValue?: (k: tf.Tensor4D, v: tf.Tensor4D) => void,
): tf.Tensor2D {
  const { heads, keyValueHeads, headSize } = config;
  const byHead = (x: tf.Tensor2D, count: number): tf.Tensor4D =>
    tf.transpose(tf.reshape(x, [batch, length, count, headSize]), [0, 2, 1, 3]) as tf.Tensor4D;
  const q = rotary(byHead(normedHeads(view, path, 'q', y, config), heads), cos, sin);
  const k = rotary(byHead(normedHeads(view, path, 'k', y, config), keyValueHeads), cos, sin);
  const v = byHead(view.linear(`${path}v_proj`, y), keyValueHeads);
  onKeyValue?.(k, v);
  const mixed = attention(q, k, v, { causal: true, scale: 1 / Math.sqrt(headSize) });
  const rows = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [
    batch * length,
    heads * headSize,
  ]) as tf.Tensor2D;
  return view.linear(`${path}out_proj`, rows);
}

/** w2(silu(w1 z) ⊙ w3 z) of the normalised input. */
export function mlpBlock(view: WeightView, path: string, z: tf.Tensor2D): tf.Tensor2D {
  const gate = silu(view.linear(`${path}w1`, z));
  return view.linear(`${path}w2`, tf.mul(gate, view.linear(`${path}w3`, z)) as tf.Tensor2D);
}
