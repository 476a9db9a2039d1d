/** The LFM2 backbone as a policy drives it. */
import type * as tf from '@tensorflow/tfjs-core';
import type { BatchShape } from '../../gpu/index.ts';
import type { DecoderInputs, EmbeddedBatch, LanguageModel } from '../language-model/language-model.ts';
import type { DecodeState } from '../policy.ts';
import type { WeightView } from '../weight-view.ts';
import { Lfm2Backbone } from './backbone.ts';
import type { Lfm2Config } from './config.ts';
import { Lfm2Decoder } from './decode/decoder.ts';
import { Lfm2DecodeState } from './decode-state.ts';
import type { TokenLayout } from './layout.ts';

export class Lfm2LanguageModel implements LanguageModel {
  readonly #backbone: Lfm2Backbone;

  /** @param prefix  of the backbone's weights, ends with a dot */
  constructor(
    readonly config: Lfm2Config,
    prefix: string,
  ) {
    this.#backbone = new Lfm2Backbone(config, prefix);
  }

  get embeddingName(): string {
    return this.#backbone.embeddingName;
  }

  get headName(): string {
    return this.#backbone.headName;
  }

  forward(view: WeightView, { x, layout }: EmbeddedBatch, wanted: Int32Array): tf.Tensor2D {
    const backbone = this.#backbone;
    const padded = (shape: BatchShape): TokenLayout =>
      view.recomputes ? backbone.paddedAgain(shape) : backbone.padded(shape);
    const tokens = 'padded' in layout ? padded(layout.padded) : backbone.shared(layout.shared);
    return backbone.forward(view, x, tokens, wanted);
  }

  prefill(view: WeightView, { x, rows }: EmbeddedBatch, lengths: Int32Array, capacity: number): DecodeState {
    return Lfm2DecodeState.prefill(this.#backbone, view, x, lengths, rows / lengths.length, capacity);
  }

  decoder(inputs: DecoderInputs): Lfm2Decoder | null {
    const parts = { ...inputs, backbone: this.#backbone };
    return Lfm2Decoder.supports(parts) ? new Lfm2Decoder(parts) : null;
  }

  dispose(): void {
    this.#backbone.dispose();
  }
}
