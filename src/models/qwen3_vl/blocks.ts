/** The blocks of a Qwen3 layer. */
import * as tf from '@tensorflow/tfjs-core';
import { rmsNorm, swiglu } from '../../gpu/ops/index.ts';
import type { WeightView } from '../weight-view.ts';
import type { Qwen3TextConfig } from './config.ts';

/** RMSNorm with the weight of that name. */
export function norm(view: WeightView, name: string, x: tf.Tensor2D, eps: number): tf.Tensor2D {
  return rmsNorm(x, view.get<tf.Rank.R1>(`${name}.weight`), eps) as tf.Tensor2D;
}

/**
 * Queries, keys and values with a row a head, queries and keys normalised and not yet turned.
 * @param y  [rows, D], normalised
 * @returns [rows · heads, headSize], and the same of the fewer key and value heads
 */
export function headRows(
  view: WeightView,
  path: string,
  y: tf.Tensor2D,
  { headSize, normEps }: Qwen3TextConfig,
): { q: tf.Tensor2D; k: tf.Tensor2D; v: tf.Tensor2D } {
  const rows = (name: string): tf.Tensor2D => tf.reshape(view.linear(`${path}${name}`, y), [-1, headSize]);
  return {
    q: norm(view, `${path}q_norm`, rows('q_proj'), normEps),
    k: norm(view, `${path}k_norm`, rows('k_proj'), normEps),
    v: rows('v_proj'),
  };
}

/** down(silu(gate z) ⊙ up z) of the normalised input. */
export function mlpBlock(view: WeightView, path: string, z: tf.Tensor2D): tf.Tensor2D {
  const gated = swiglu(view.linear(`${path}gate_proj`, z), view.linear(`${path}up_proj`, z));
  return view.linear(`${path}down_proj`, gated);
}
