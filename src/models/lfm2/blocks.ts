/** The blocks of an LFM2 layer over whole sequences: short convolution, attention, gated MLP. */
import * as tf from '@tensorflow/tfjs-core';
import { gatedConv, gpuBackend, swiglu } from '../../gpu/index.ts';
import type { WeightView } from '../weight-view.ts';
import type { Lfm2Config } from './config.ts';
import type { TokenLayout } from './layout.ts';

/** The depthwise kernel as [D, L]. */
export function convKernel(view: WeightView, path: string): tf.Tensor2D {
  const kernel = view.get(`${path}conv.weight`);
  return tf.reshape(kernel, [kernel.shape[0], kernel.shape[2]!]);
}

/** The parts of what in_proj gives a conv block, [rows, 3D]: B, C, x, each [rows, D]. */
export function convParts(bcx: tf.Tensor2D): tf.Tensor2D[] {
  return tf.split(bcx, 3, 1);
}

/**
 * @param y  [rows, D], normalised
 * @param x  [rows, D], what the block's result goes on top of
 */
export function convBlock(
  view: WeightView,
  path: string,
  layer: number,
  y: tf.Tensor2D,
  x: tf.Tensor2D,
  layout: TokenLayout,
): tf.Tensor2D {
  const bcx = view.linear(`${path}in_proj`, y);
  layout.trace?.onConvInput(layer, bcx);
  const kernel = convKernel(view, path);
  const biased = view.has(`${path}conv.bias`);
  if (gpuBackend() && !biased)
    return view.linear(`${path}out_proj`, gatedConv(bcx, kernel, layout.sequences), x);
  const [gateIn, gateOut, inner] = convParts(bcx);
  let mixed = layout.convolve(tf.mul(gateIn, inner), kernel);
  if (biased) mixed = tf.add(mixed, view.get(`${path}conv.bias`));
  return view.linear(`${path}out_proj`, tf.mul(gateOut, mixed), x);
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
  return view.rmsNorm(`${path}${which}_layernorm`, projected, config.normEps);
}

/** Queries or keys as the layout's attention takes them: on webgpu already rotated. */
function headsFor(
  view: WeightView,
  path: string,
  which: 'q' | 'k',
  y: tf.Tensor2D,
  layout: TokenLayout,
  config: Lfm2Config,
): tf.Tensor2D {
  if (!gpuBackend()) return normedHeads(view, path, which, y, config);
  const gain = view.get<tf.Rank.R1>(`${path}${which}_layernorm.weight`);
  return layout.turn(view.linear(`${path}${which}_proj`, y), { gain, eps: config.normEps });
}

/**
 * @param y  [rows, D], normalised
 * @param x  [rows, D], what the block's result goes on top of
 */
export function attentionBlock(
  view: WeightView,
  path: string,
  layer: number,
  y: tf.Tensor2D,
  x: tf.Tensor2D,
  layout: TokenLayout,
  config: Lfm2Config,
): tf.Tensor2D {
  const q = headsFor(view, path, 'q', y, layout, config);
  const k = headsFor(view, path, 'k', y, layout, config);
  const v = view.linear(`${path}v_proj`, y);
  return view.linear(`${path}out_proj`, layout.attend(layer, q, k, v), x);
}

/** x plus w2(silu(w1 z) ⊙ w3 z) of the normalised input z. */
export function mlpBlock(view: WeightView, path: string, z: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor2D {
  return view.linear(`${path}w2`, swiglu(view.linear(`${path}w1`, z), view.linear(`${path}w3`, z)), x);
}
