/** The LFM2 backbone: from embedded tokens to hidden states after the final norm. */
import * as tf from '@tensorflow/tfjs-core';
import { embed, gpuBackend, type BatchShape } from '../../gpu/index.ts';
import type { WeightView } from '../weight-view.ts';
import { attentionBlock, convBlock, mlpBlock } from './blocks.ts';
import type { Lfm2Config, LayerKind } from './config.ts';
import { PaddedBatch, type LayerTrace, type TokenLayout } from './layout.ts';
import { RotaryTables, type RotaryRows } from './rotary-tables.ts';
import { SharedPrompts, type PromptClass } from './shared-prompts.ts';

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
    return view.rmsNorm(`${this.prefix}embedding_norm`, x, this.config.normEps);
  }

  /** Right-padded sequences; `trace` sees what decoding needs. Call within the tidy of the forward pass. */
  padded(shape: BatchShape, trace?: LayerTrace): PaddedBatch {
    const angles = this.#angles(shape);
    return new PaddedBatch(shape, () => angles, this.config, trace);
  }

  /** The same for layers that are computed again when the tensors of the forward pass are gone. */
  paddedAgain(shape: BatchShape): PaddedBatch {
    return new PaddedBatch(shape, () => this.#angles(shape), this.config);
  }

  /** Prompts with several completions each. */
  shared(classes: PromptClass[]): SharedPrompts {
    return new SharedPrompts(classes, this.rotary, this.config);
  }

  /**
   * @param x  [rows, D], embedded tokens, image features in their places
   * @param wanted  rows of the result, as indices into x's rows; the last layer's MLP runs for those alone
   * @returns [wanted, D], after the final norm
   */
  forward(view: WeightView, x: tf.Tensor2D, layout: TokenLayout, wanted: Int32Array): tf.Tensor2D {
    this.config.layers.forEach((kind, index) => {
      const path = this.layerPath(index);
      x = view.block(path, x, input => {
        const mixed = this.#mix(view, path, kind, index, input, layout);
        const last = index === this.config.layers.length - 1;
        return this.mlp(view, path, last ? embed(mixed, tf.tensor1d(wanted, 'int32')) : mixed);
      });
    });
    return this.finalNorm(view, x);
  }

  /** Runs all layers for what the layout's trace takes of them at once: the last one only as far as that. Call within a tidy. */
  fill(view: WeightView, x: tf.Tensor2D, layout: TokenLayout): void {
    this.config.layers.forEach((kind, index) => {
      const path = this.layerPath(index);
      x = tf.tidy(() => {
        const mixed = this.#mix(view, path, kind, index, x, layout);
        return index < this.config.layers.length - 1 ? this.mlp(view, path, mixed) : mixed;
      });
    });
  }

  #angles({ length }: BatchShape): RotaryRows {
    return gpuBackend() ? this.rotary.reaching(length) : this.rotary.range(length);
  }

  /** x plus the layer's mixer of it. */
  #mix(
    view: WeightView,
    path: string,
    kind: LayerKind,
    index: number,
    x: tf.Tensor2D,
    layout: TokenLayout,
  ): tf.Tensor2D {
    const y = view.rmsNorm(`${path}operator_norm`, x, this.config.normEps);
    return kind === 'conv'
      ? convBlock(view, `${path}conv.`, index, y, x, layout)
      : attentionBlock(view, `${path}self_attn.`, index, y, x, layout, this.config);
  }

  /** x plus the layer's gated MLP of it. */
  mlp(view: WeightView, path: string, x: tf.Tensor2D): tf.Tensor2D {
    const z = view.rmsNorm(`${path}ffn_norm`, x, this.config.normEps);
    return mlpBlock(view, `${path}feed_forward.`, z, x);
  }

  dispose(): void {
    this.rotary.dispose();
  }
}
