/** The LFM2 backbone: from embedded tokens to hidden states after the final norm. */
import * as tf from '@tensorflow/tfjs-core';
import { embed } from '../../gpu/ops/index.ts';
import type { WeightView } from '../weight-view.ts';
import { attentionBlock, convBlock, mlpBlock, norm, type BatchShape } from './blocks.ts';
import type { Lfm2Config } from './config.ts';
import { RotaryTables } from './rotary-tables.ts';

/** What decoding needs to remember of each layer: conv inputs, or keys and values. */
export interface LayerTrace {
  /** [batch, length, D] */
  onConvInput(layer: number, u: tf.Tensor3D): void;
  /** [batch, keyValueHeads, length, headSize] each */
  onKeyValue(layer: number, k: tf.Tensor4D, v: tf.Tensor4D): void;
}

export class Lfm2Backbone {
  readonly rotary: RotaryTables;

  constructor(
    readonly config: Lfm2Config,
    /** `model.` or `model.language_model.` */
    readonly prefix: string,
  ) {
    this.rotary = new RotaryTables(config.headSize, config.ropeTheta);
  }

  get embeddingName(): string {
    return `${this.prefix}embed_tokens.weight`;
  }

  get headName(): string {
    return this.config.tied ? this.embeddingName : 'lm_head.weight';
  }

  layerPath(index: number): string {
    return `${this.prefix}layers.${index}.`;
  }

  finalNorm(view: WeightView, x: tf.Tensor2D): tf.Tensor2D {
    return norm(view, `${this.prefix}embedding_norm`, x, this.config.normEps);
  }

  /**
   * @param x  [batch · length, D], embedded tokens, image features in their places
   * @param rows  of the result that are wanted, as indices into x's rows; the last layer's MLP runs for those alone
   * @returns [rows, D], after the final norm
   */
  forward(
    view: WeightView,
    x: tf.Tensor2D,
    shape: BatchShape,
    rows: Int32Array,
    trace?: LayerTrace,
  ): tf.Tensor2D {
    const angles = this.rotary.range(shape.length);
    this.config.layers.forEach((kind, index) => {
      const path = this.layerPath(index);
      const y = norm(view, `${path}operator_norm`, x, this.config.normEps);
      const mixed =
        kind === 'conv'
          ? convBlock(view, `${path}conv.`, y, shape, u => trace?.onConvInput(index, u))
          : attentionBlock(view, `${path}self_attn.`, y, shape, angles, this.config, (k, v) =>
              trace?.onKeyValue(index, k, v),
            );
      x = tf.add(x, mixed);
      if (index === this.config.layers.length - 1) x = embed(x, tf.tensor1d(rows, 'int32'));
      x = this.mlp(view, path, x);
    });
    return this.finalNorm(view, x);
  }

  /** x plus the layer's gated MLP of it. */
  mlp(view: WeightView, path: string, x: tf.Tensor2D): tf.Tensor2D {
    const z = norm(view, `${path}ffn_norm`, x, this.config.normEps);
    return tf.add(x, mlpBlock(view, `${path}feed_forward.`, z));
  }

  dispose(): void {
    this.rotary.dispose();
  }
}
