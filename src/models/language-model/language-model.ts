/** What a family's language model and vision side are to the policy that both make up. */
import type * as tf from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../../gpu/index.ts';
import type { ChatMessage, Decoder, DecodeState, ImagePatches, Pixels, Prompt } from '../policy.ts';
import type { WeightView } from '../weight-view.ts';
import type { ForwardBatch } from './plan.ts';

/** Distinct images' features one below the other, and where each begins. */
export interface ImageFeatures {
  /**
   * [tokens, width]. The first D columns replace the embeddings of the placeholders; a language model may read further ones,
   * such as Qwen3-VL's deepstack features.
   */
  features: tf.Tensor2D;
  firstRow: Map<string, number>;
}

/** Embedded tokens of one forward pass. */
export interface EmbeddedBatch extends Pick<ForwardBatch, 'layout' | 'placements' | 'rows'> {
  /** [rows, D]: token embeddings, image features in the places of their placeholders. */
  x: tf.Tensor2D;
  images: ImageFeatures | undefined;
  /** [rows], for a placeholder the row of `images.features` that stands in it, -1 for every other token. */
  imageRows: Int32Array;
}

export interface LanguageModel {
  readonly config: Readonly<{
    hiddenSize: number;
    vocabularySize: number;
    maxPositions: number;
    layers: readonly unknown[];
  }>;
  readonly embeddingName: string;
  readonly headName: string;

  /**
   * Differentiable. Call within a tidy.
   * @param wanted  rows of the result, as indices into the batch's rows
   * @returns [wanted, D], after the final norm
   */
  forward(view: WeightView, batch: EmbeddedBatch, wanted: Int32Array): tf.Tensor2D;

  /**
   * Runs right-padded prompts and keeps what decoding needs.
   * @param capacity  new tokens that the caches have room for
   */
  prefill(view: WeightView, batch: EmbeddedBatch, lengths: Int32Array, capacity: number): DecodeState;

  /** The family's decode plan, where it has one and the backend can run it. */
  decoder?(parts: DecoderInputs): (Decoder & { dispose(): void }) | null;

  dispose(): void;
}

/** What a decode plan is made of besides the model. */
export interface DecoderInputs {
  gpu: GpuBackend;
  banned: Int32Array;
  eosIds: readonly number[];
  /** The weights as they are now. */
  view: () => WeightView;
  /** Right-padded prompts, embedded: [prompts · length, D]. Call within a tidy. */
  embed(view: WeightView, prompts: Pick<Prompt, 'ids' | 'images'>[], length: number): tf.Tensor2D;
  /** Bytes that the cache of keys and values may take. */
  cacheBytes: number;
}

/** Images as a processor of transformers returned them, in the layout of `ImagePatches.bytes`. */
export interface ReferenceImage {
  rows: number;
  columns: number;
  /** Grey levels, 0 to 255 but for rounding. */
  levels: Float32Array;
}

/** What a vision side adds to a language model. */
export interface Vision {
  /** Id of the placeholder that image features replace. */
  readonly placeholderId: number;
  prepare(messages: ChatMessage[], images: Pixels[], render: (messages: ChatMessage[]) => string): Prompt;
  /** Placeholders that the image takes. */
  tokens(image: ImagePatches): number;
  encode(images: ImagePatches[], view: WeightView, frozen: boolean): ImageFeatures;
  /**
   * Undoes a processor's normalisation and order, for tests against a reference.
   * @param values  `pixel_values` of the given shape
   * @param grids  `spatial_shapes` or `image_grid_thw`, an image after the other
   */
  referenceImages(values: Float32Array, shape: readonly number[], grids: Int32Array): ReferenceImage[];
  /** Forgets what was computed with weights that change now. */
  clear(): void;
}
