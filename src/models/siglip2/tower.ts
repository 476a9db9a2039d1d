/** The SigLIP2 NaFlex vision tower over images of one grid at a time, with exactly as many patches as they have. */
import * as tf from '@tensorflow/tfjs-core';
import { attention, gelu, layerNorm, TokenSequences } from '../../gpu/ops/index.ts';
import type { WeightView } from '../weight-view.ts';
import type { Activation, Siglip2Config } from './config.ts';
import { positionWeights } from './position-table.ts';

/** LayerNorm with the weight and bias below that name. */
export function namedLayerNorm(view: WeightView, path: string, x: tf.Tensor2D, eps: number): tf.Tensor2D {
  return layerNorm(x, view.get(`${path}.weight`), view.get(`${path}.bias`), eps) as tf.Tensor2D;
}

export function activate(x: tf.Tensor2D, activation: Activation): tf.Tensor2D {
  return gelu(x, activation === 'gelu' ? 'erf' : 'tanh') as tf.Tensor2D;
}

/** Grids whose position weights are kept: screenshots have few sizes. */
const MOST_GRIDS = 16;

export class Siglip2Tower {
  readonly #weights = new Map<string, Float32Array>();

  constructor(
    readonly config: Siglip2Config,
    /** Ends with a dot. */
    private readonly prefix: string,
  ) {}

  /**
   * @param patches  [images · rows · columns, patchSize² · channels], normalised
   * @returns [images · rows · columns, hiddenSize], after post_layernorm
   */
  forward(
    view: WeightView,
    patches: tf.Tensor2D,
    images: number,
    rows: number,
    columns: number,
  ): tf.Tensor2D {
    const { hiddenSize, layerNormEps, activation, layers } = this.config;
    const count = rows * columns;
    const embedded = view.linear(`${this.prefix}embeddings.patch_embedding`, patches);
    const placed = tf.add(
      tf.reshape(embedded, [images, count, hiddenSize]),
      this.#positions(view, rows, columns),
    );
    let x = tf.reshape(placed, [images * count, hiddenSize]) as tf.Tensor2D;
    const sequences = TokenSequences.padded(images, count);
    for (let index = 0; index < layers; index++) {
      const path = `${this.prefix}encoder.layers.${index}.`;
      x = view.block(path, x, input => {
        const y = namedLayerNorm(view, `${path}layer_norm1`, input, layerNormEps);
        const middle = this.#attention(view, `${path}self_attn.`, y, input, sequences);
        const z = namedLayerNorm(view, `${path}layer_norm2`, middle, layerNormEps);
        const wide = activate(view.linear(`${path}mlp.fc1`, z), activation);
        return view.linear(`${path}mlp.fc2`, wide, middle);
      });
    }
    return namedLayerNorm(view, `${this.prefix}post_layernorm`, x, layerNormEps);
  }

  /** [rows · columns, hiddenSize] */
  #positions(view: WeightView, rows: number, columns: number): tf.Tensor2D {
    const { positionSide } = this.config;
    const table = view.get<tf.Rank.R2>(`${this.prefix}embeddings.position_embedding.weight`);
    const grid = `${rows}x${columns}`;
    let weights = this.#weights.get(grid);
    if (!weights) {
      if (this.#weights.size >= MOST_GRIDS) this.#weights.clear();
      this.#weights.set(grid, (weights = positionWeights(positionSide, rows, columns)));
    }
    return tf.matMul(tf.tensor2d(weights, [rows * columns, positionSide ** 2]), table);
  }

  /** x plus attention of y. */
  #attention(
    view: WeightView,
    path: string,
    y: tf.Tensor2D,
    x: tf.Tensor2D,
    sequences: TokenSequences,
  ): tf.Tensor2D {
    const { heads, hiddenSize } = this.config;
    const headSize = hiddenSize / heads;
    const [q, k, v] = ['q_proj', 'k_proj', 'v_proj'].map(name => view.linear(`${path}${name}`, y));
    const o = { sequences, headSize, causal: false, scale: 1 / Math.sqrt(headSize) };
    return view.linear(`${path}out_proj`, attention(q, k, v, o), x);
  }
}
