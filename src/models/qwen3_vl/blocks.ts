/** The blocks of a Qwen3 layer. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, headRotary, swiglu } from '../../gpu/index.ts';
import type { WeightView } from '../weight-view.ts';
import type { Qwen3TextConfig } from './config.ts';
import { turnRows, type RowAngles } from './rotary.ts';

/**
 * Queries, keys and values of rows that each have angles of their own, queries and keys normalised and turned.
 * @param y  [rows, D], normalised
 * @returns [rows, heads · headSize] on webgpu, [rows · heads, headSize] on wasm, and the same of the fewer key and value heads
 */
export function turnedHeads(
  view: WeightView,
  path: string,
  y: tf.Tensor2D,
  { headSize, normEps }: Qwen3TextConfig,
  angles: RowAngles,
): { q: tf.Tensor2D; k: tf.Tensor2D; v: tf.Tensor2D } {
  const project = (name: string): tf.Tensor2D => view.linear(`${path}${name}`, y);
  if (gpuBackend()) {
    const turned = (which: 'q' | 'k'): tf.Tensor2D => {
      const gain = view.get<tf.Rank.R1>(`${path}${which}_norm.weight`);
      return headRotary(project(`${which}_proj`), { ...angles, norm: { gain, eps: normEps } });
    };
    return { q: turned('q'), k: turned('k'), v: project('v_proj') };
  }
  const rows = (name: string): tf.Tensor2D => tf.reshape(project(name), [-1, headSize]);
  const q = view.rmsNorm(`${path}q_norm`, rows('q_proj'), normEps);
  const k = view.rmsNorm(`${path}k_norm`, rows('k_proj'), normEps);
  const v = rows('v_proj');
  return { q: turnRows(q, angles), k: turnRows(k, angles), v };
}

/** x plus down(silu(gate z) ⊙ up z) of the normalised input z. */
export function mlpBlock(view: WeightView, path: string, z: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor2D {
  const gated = swiglu(view.linear(`${path}gate_proj`, z), view.linear(`${path}up_proj`, z));
  return view.linear(`${path}down_proj`, gated, x);
}
