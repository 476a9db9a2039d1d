/** From patch features of the tower to image tokens of the language model: pixel-unshuffle and a two-layer MLP. */
import * as tf from '@tensorflow/tfjs-core';
import { activate, namedLayerNorm } from '../siglip2/tower.ts';
import type { WeightView } from '../weight-view.ts';
import type { ProjectorConfig } from './config.ts';

/** PyTorch's default; the tower's own LayerNorms use 1e-6. */
const LAYER_NORM_EPS = 1e-5;

/**
 * @param features  [images · rows · columns, C]
 * @param prefix  ends with a dot
 * @returns [images · (rows / f) · (columns / f), D], row-major for each image
 */
export function project(
  view: WeightView,
  prefix: string,
  config: ProjectorConfig,
  features: tf.Tensor2D,
  rows: number,
  columns: number,
): tf.Tensor2D {
  const f = config.downsampleFactor;
  const channels = features.shape[1];
  const images = features.shape[0] / (rows * columns);
  // [row in block, block column, column in block · channel] to [block column, row in block, …]: the block's rows side by side.
  const blocks = tf.transpose(
    tf.reshape(features, [(images * rows) / f, f, columns / f, f * channels]),
    [0, 2, 1, 3],
  );
  let x = tf.reshape(blocks, [-1, f * f * channels]) as tf.Tensor2D;
  if (config.useLayerNorm) x = namedLayerNorm(view, `${prefix}layer_norm`, x, LAYER_NORM_EPS);
  const wide = activate(view.linear(`${prefix}linear_1`, x), config.activation);
  return view.linear(`${prefix}linear_2`, wide);
}
