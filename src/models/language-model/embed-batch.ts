/** The rows that a language model starts from: token embeddings, with image features where a prompt has their placeholders. */
import * as tf from '@tensorflow/tfjs-core';
import { embed } from '../../gpu/index.ts';
import { ModelInputError } from '../errors.ts';
import type { ImagePatches } from '../policy.ts';
import type { WeightView } from '../weight-view.ts';
import type { EmbeddedBatch, ImageFeatures, LanguageModel, Vision } from './language-model.ts';
import type { ForwardBatch, Placement } from './plan.ts';

/**
 * Padding between the placements. Call within a tidy.
 * @param images  features of all images of the batch
 * @throws {ModelInputError} `too-long`; `image-count` where placeholders and features differ in number
 */
export function embedBatch(
  { model, vision, padId }: { model: LanguageModel; vision: Vision | null; padId: number },
  view: WeightView,
  { layout, placements, rows }: Pick<ForwardBatch, 'layout' | 'placements' | 'rows'>,
  images: ImageFeatures | undefined,
): EmbeddedBatch {
  const ids = new Int32Array(rows).fill(padId);
  for (const placement of placements) {
    checkLength(placement.ids.length, model.config.maxPositions);
    ids.set(placement.ids, placement.start);
  }
  const embedded = view.embed(model.embeddingName, tf.tensor1d(ids, 'int32'));
  const imageRows =
    images && vision ? placeholderRows(vision, placements, rows, images) : new Int32Array(rows).fill(-1);
  const batch = { layout, placements, rows, images, imageRows };
  if (!images || !vision) return { ...batch, x: embedded };
  const features = firstColumns(images.features, model.config.hiddenSize);
  const sourceOf = imageRows.map((source, row) => (source < 0 ? row : rows + source));
  const x = embed(tf.concat([embedded, features], 0), tf.tensor1d(sourceOf, 'int32'));
  return { ...batch, x };
}

/** Rows of the features of one image, in their order. */
export function featureRows(vision: Vision, image: ImagePatches, { firstRow }: ImageFeatures): number[] {
  return Array.from({ length: vision.tokens(image) }, (_, i) => firstRow.get(image.key)! + i);
}

export function firstColumns(x: tf.Tensor2D, count: number): tf.Tensor2D {
  return x.shape[1] === count ? x : tf.slice(x, [0, 0], [x.shape[0], count]);
}

/** [rows], for a placeholder the row of the features that stands in it, -1 for every other token. */
function placeholderRows(
  vision: Vision,
  placements: readonly Placement[],
  rows: number,
  features: ImageFeatures,
): Int32Array {
  const imageRows = new Int32Array(rows).fill(-1);
  for (const { images, ids, start } of placements) {
    const sources = images.flatMap(image => featureRows(vision, image, features));
    let next = 0;
    for (let i = 0; i < ids.length && next < sources.length; i++)
      if (ids[i] === vision.placeholderId) imageRows[start + i] = sources[next++];
    if (next !== sources.length)
      throw new ModelInputError('image-count', {
        message: `A prompt has ${next} image placeholders for ${sources.length} image features.`,
      });
  }
  return imageRows;
}

function checkLength(length: number, maxPositions: number): void {
  if (length > maxPositions)
    throw new ModelInputError('too-long', {
      message: `A sequence of ${length} tokens exceeds the model's ${maxPositions} positions. Shorten the observation.`,
    });
}
