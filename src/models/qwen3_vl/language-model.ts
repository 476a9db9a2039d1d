/** The Qwen3 decoder with deepstack, as a policy drives it. */
import * as tf from '@tensorflow/tfjs-core';
import { embed, KvCache } from '../../gpu/ops/index.ts';
import type { EmbeddedBatch, LanguageModel } from '../language-model/language-model.ts';
import { PaddedBatch, type LayerTrace, type TokenLayout } from '../lfm2/layout.ts';
import { SharedPrompts } from '../lfm2/shared-prompts.ts';
import type { DecodeState, ImagePatches } from '../policy.ts';
import type { WeightView } from '../weight-view.ts';
import { mlpBlock, turnedHeads } from './blocks.ts';
import type { Qwen3TextConfig } from './config.ts';
import { Qwen3DecodeState } from './decode-state.ts';
import { TEXT } from './parameters.ts';
import { positionsOf, type Positions } from './positions.ts';
import { MultiAxisRotary, type RowAngles } from './rotary.ts';

export class Qwen3LanguageModel implements LanguageModel {
  readonly embeddingName = `${TEXT}embed_tokens.weight`;
  readonly headName: string;
  readonly #rotary: MultiAxisRotary;

  constructor(
    readonly config: Qwen3TextConfig,
    private readonly placeholderId: number,
    /** Tokens down and across an image. */
    private readonly gridOf: (image: ImagePatches) => { rows: number; columns: number },
  ) {
    this.headName = config.tied ? this.embeddingName : 'lm_head.weight';
    this.#rotary = new MultiAxisRotary(config);
  }

  forward(view: WeightView, batch: EmbeddedBatch, wanted: Int32Array): tf.Tensor2D {
    const { layout } = batch;
    // Positions differ by image, so rows are turned before the layout sees them.
    const tokens =
      'padded' in layout
        ? new PaddedBatch(layout.padded, null, this.config)
        : new SharedPrompts(layout.shared, null, this.config);
    return this.#layers(view, batch, this.#positions(batch), tokens, wanted);
  }

  prefill(view: WeightView, batch: EmbeddedBatch, lengths: Int32Array, capacity: number): DecodeState {
    const length = batch.rows / lengths.length;
    const caches: KvCache[] = [];
    const trace: LayerTrace = {
      onConvInput: () => undefined,
      onKeyValue: (layer, keysAndValues) => {
        caches[layer] = KvCache.fromPrefill(...keysAndValues.byHead(), length + capacity);
      },
    };
    const positions = this.#positions(batch);
    const tokens = new PaddedBatch({ batch: lengths.length, length }, null, this.config, trace);
    const last = lengths.map((count, sequence) => sequence * length + count - 1);
    const hidden = tf.tidy(() => this.#layers(view, batch, positions, tokens, last));
    const next = Int32Array.from(batch.placements, placement => positions.next.get(placement)!);
    return new Qwen3DecodeState(
      this.config,
      this.#rotary,
      view,
      tf.keep(hidden),
      caches,
      lengths.slice(),
      next,
    );
  }

  dispose(): void {
    this.#rotary.dispose();
  }

  #positions({ placements, rows }: EmbeddedBatch): Positions {
    return positionsOf(placements, rows, this.placeholderId, this.gridOf);
  }

  #layers(
    view: WeightView,
    batch: EmbeddedBatch,
    positions: Positions,
    tokens: TokenLayout,
    wanted: Int32Array,
  ): tf.Tensor2D {
    const { normEps, layers, deepstackLayers } = this.config;
    const angles = this.#rotary.rows(positions);
    let { x } = batch;
    layers.forEach((_, index) => {
      const path = `${TEXT}layers.${index}.`;
      const layer = (input: tf.Tensor2D, cos: tf.Tensor2D, sin: tf.Tensor2D): tf.Tensor2D => {
        const y = view.rmsNorm(`${path}input_layernorm`, input, normEps);
        const middle = this.#attention(view, `${path}self_attn.`, index, y, input, tokens, {
          ...angles,
          cos,
          sin,
        });
        const z = view.rmsNorm(`${path}post_attention_layernorm`, middle, normEps);
        return mlpBlock(view, `${path}mlp.`, z, middle);
      };
      x = view.block(path, x, layer, [angles.cos, angles.sin]);
      if (index < deepstackLayers) x = this.#addDeepstack(x, batch, index);
    });
    return view.rmsNorm(`${TEXT}norm`, embed(x, tf.tensor1d(wanted, 'int32')), normEps);
  }

  /** x plus the layer's attention of y, its norm. */
  #attention(
    view: WeightView,
    path: string,
    layer: number,
    y: tf.Tensor2D,
    x: tf.Tensor2D,
    tokens: TokenLayout,
    angles: RowAngles,
  ): tf.Tensor2D {
    const { q, k, v } = turnedHeads(view, path, y, this.config, angles);
    return view.linear(`${path}o_proj`, tokens.attend(layer, q, k, v), x);
  }

  /** Adds to each image token the feature of its own that the tower made for this layer. */
  #addDeepstack(x: tf.Tensor2D, { images, imageRows }: EmbeddedBatch, layer: number): tf.Tensor2D {
    if (!images) return x;
    const { hiddenSize } = this.config;
    const { features } = images;
    const own = tf.slice(features, [0, (layer + 1) * hiddenSize], [features.shape[0], hiddenSize]);
    const table = tf.concat([tf.zeros([1, hiddenSize]), own], 0) as tf.Tensor2D;
    return tf.add(
      x,
      embed(
        table,
        tf.tensor1d(
          imageRows.map(row => row + 1),
          'int32',
        ),
      ),
    );
  }
}
