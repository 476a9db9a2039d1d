/** Qwen3-VL's vision tower with its mergers: over images of one grid at a time, patches in block order. */
import * as tf from '@tensorflow/tfjs-core';
import {
  attention,
  attentionByHead,
  byHead,
  byRow,
  embed,
  gpuBackend,
  headRotary,
  rotary,
  TokenSequences,
} from '../../gpu/index.ts';
import type { RotaryRows } from '../lfm2/rotary-tables.ts';
import type { ImageTower } from '../language-model/image-encoder.ts';
import type { ReferenceImage } from '../language-model/language-model.ts';
import type { ImagePatches } from '../policy.ts';
import { activate, namedLayerNorm } from '../siglip2/tower.ts';
import type { WeightView } from '../weight-view.ts';
import type { Qwen3VisionConfig } from './config.ts';
import type { QwenImageConfig } from './image-processor.ts';
import { VISION } from './parameters.ts';
import { blockOrder, patchAngles, positionTaps } from './patches.ts';

/** transformers' constant, in no configuration. */
const LAYER_NORM_EPS = 1e-6;

export class Qwen3VisionTower implements ImageTower {
  constructor(
    private readonly config: Qwen3VisionConfig,
    private readonly images: QwenImageConfig,
  ) {}

  /** Tokens down and across. */
  grid({ rows, columns }: ImagePatches): { rows: number; columns: number } {
    return { rows: rows / this.config.mergeSize, columns: columns / this.config.mergeSize };
  }

  tokens(image: ImagePatches): number {
    const { rows, columns } = this.grid(image);
    return rows * columns;
  }

  /** [images · tokens, outputSize · (1 + deepstack)]: the merged features, then those of each deepstack block. */
  encode(batch: ImagePatches[], view: WeightView): tf.Tensor2D {
    const { config } = this;
    const [{ rows, columns }] = batch;
    let x = tf.add(
      this.#embedPatches(batch, view),
      this.#positions(batch.length, rows, columns, view),
    ) as tf.Tensor2D;
    const angles = patchAngles(
      config.hiddenSize / config.heads,
      config.ropeTheta,
      rows,
      columns,
      config.mergeSize,
    );
    const table = (f: (angle: number) => number): tf.Tensor2D =>
      tf.tensor2d(Float32Array.from(angles, f), [rows * columns, config.hiddenSize / config.heads]);
    const turns = { cos: table(Math.cos), sin: table(Math.sin) };
    const sequences = TokenSequences.padded(batch.length, rows * columns);
    const deepstack: tf.Tensor2D[] = [];
    for (let index = 0; index < config.layers; index++) {
      const path = `${VISION}blocks.${index}.`;
      const layer = (input: tf.Tensor2D, cos: tf.Tensor2D, sin: tf.Tensor2D): tf.Tensor2D => {
        const y = namedLayerNorm(view, `${path}norm1`, input, LAYER_NORM_EPS);
        const mixed = this.#attention(view, `${path}attn.`, y, sequences, { cos, sin });
        const middle = tf.add(input, mixed) as tf.Tensor2D;
        const z = namedLayerNorm(view, `${path}norm2`, middle, LAYER_NORM_EPS);
        const wide = activate(view.linear(`${path}mlp.linear_fc1`, z), config.activation);
        return tf.add(middle, view.linear(`${path}mlp.linear_fc2`, wide));
      };
      x = view.block(path, x, layer, [turns.cos, turns.sin]);
      const place = config.deepstackBlocks.indexOf(index);
      if (place >= 0) deepstack.push(this.#merge(view, `${VISION}deepstack_merger_list.${place}.`, x, true));
    }
    const merged = this.#merge(view, `${VISION}merger.`, x, false);
    return deepstack.length > 0 ? tf.concat([merged, ...deepstack], 1) : merged;
  }

  /** A still image fills every frame of a patch alike, so the kernel's frames are summed and each patch is read once. */
  #embedPatches(batch: ImagePatches[], view: WeightView): tf.Tensor2D {
    const { patchSize, channels, temporalPatchSize, hiddenSize, mergeSize } = this.config;
    const [{ rows, columns }] = batch;
    const area = patchSize ** 2;
    const size = area * channels;
    const values = new Float32Array(batch.length * rows * columns * size);
    const order = blockOrder(rows, columns, mergeSize);
    const { scale, offset } = this.images;
    let to = 0;
    for (const { bytes } of batch)
      for (const patch of order)
        for (let channel = 0; channel < channels; channel++)
          for (let pixel = 0; pixel < area; pixel++)
            values[to++] =
              bytes[patch * size + pixel * channels + channel] * scale[channel] + offset[channel];
    const kernel = tf.reshape(view.get(`${VISION}patch_embed.proj.weight`), [
      hiddenSize,
      channels,
      temporalPatchSize,
      area,
    ]);
    const summed = tf.reshape(tf.sum(kernel, 2), [hiddenSize, size]) as tf.Tensor2D;
    const product = tf.matMul(tf.tensor2d(values, [values.length / size, size]), summed, false, true);
    return tf.add(product, view.get(`${VISION}patch_embed.proj.bias`));
  }

  /** [images · patches, hiddenSize] */
  #positions(images: number, rows: number, columns: number, view: WeightView): tf.Tensor2D {
    const { positionSide, mergeSize, hiddenSize } = this.config;
    const { indices, weights } = positionTaps(positionSide, rows, columns, mergeSize);
    const table = view.get<tf.Rank.R2>(`${VISION}pos_embed.weight`);
    const taps = tf.mul(
      embed(table, tf.tensor1d(indices, 'int32')),
      tf.tensor2d(weights, [weights.length, 1]),
    );
    const one = tf.sum(tf.reshape(taps, [4, rows * columns, hiddenSize]), 0) as tf.Tensor2D;
    return images === 1
      ? one
      : tf.concat(
          Array.from({ length: images }, () => one),
          0,
        );
  }

  #attention(
    view: WeightView,
    path: string,
    y: tf.Tensor2D,
    sequences: TokenSequences,
    angles: RotaryRows,
  ): tf.Tensor2D {
    const { heads, hiddenSize } = this.config;
    const headSize = hiddenSize / heads;
    const [q, k, v] = tf.split<tf.Tensor2D>(view.linear(`${path}qkv`, y), 3, 1);
    const options = { causal: false, scale: 1 / Math.sqrt(headSize) };
    const turn = (x: tf.Tensor2D): tf.Tensor2D => headRotary(x, { ...angles, sequences });
    const mixed = gpuBackend()
      ? attention(turn(q), turn(k), v, { ...options, sequences, headSize })
      : byRow(attendByHead([q, k, v], sequences, angles, options));
    return view.linear(`${path}proj`, mixed);
  }

  /** Squares of patches to tokens. The deepstack mergers normalise what is already joined. */
  #merge(view: WeightView, path: string, x: tf.Tensor2D, joinedNorm: boolean): tf.Tensor2D {
    const join = (rows: tf.Tensor2D): tf.Tensor2D =>
      tf.reshape(rows, [-1, this.config.hiddenSize * this.config.mergeSize ** 2]);
    const normed = joinedNorm
      ? namedLayerNorm(view, `${path}norm`, join(x), LAYER_NORM_EPS)
      : join(namedLayerNorm(view, `${path}norm`, x, LAYER_NORM_EPS));
    return view.linear(`${path}linear_fc2`, activate(view.linear(`${path}linear_fc1`, normed), 'gelu'));
  }
}

/** As wasm does it. */
function attendByHead(
  parts: tf.Tensor2D[],
  { count, longest }: TokenSequences,
  { cos, sin }: RotaryRows,
  options: { causal: boolean; scale: number },
): tf.Tensor4D {
  const [q, k, v] = parts.map(part => byHead(part, { batch: count, length: longest }, cos.shape[1]));
  return attentionByHead(rotary(q, cos, sin), rotary(k, cos, sin), v, options);
}

/** The processor puts all images' patches below one another, in block order and channel first. */
export function referenceImages(
  { scale, offset, patchSize, mergeSize }: QwenImageConfig,
  values: Float32Array,
  [, width]: readonly number[],
  grids: Int32Array,
): ReferenceImage[] {
  const area = patchSize ** 2;
  // One of the equal frames is read.
  const frames = width / (3 * area);
  let first = 0;
  return Array.from({ length: grids.length / 3 }, (_, image) => {
    const [, rows, columns] = grids.subarray(3 * image, 3 * image + 3);
    const levels = new Float32Array(rows * columns * area * 3);
    blockOrder(rows, columns, mergeSize).forEach((patch, place) => {
      for (let channel = 0; channel < 3; channel++)
        for (let pixel = 0; pixel < area; pixel++) {
          const value = values[(first + place) * width + channel * frames * area + pixel];
          levels[(patch * area + pixel) * 3 + channel] = (value - offset[channel]) / scale[channel];
        }
    });
    first += rows * columns;
    return { rows, columns, levels };
  });
}
