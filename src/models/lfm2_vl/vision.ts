/** LFM2-VL's vision side: SigLIP2 tower and projector over images of one grid at a time. */
import * as tf from '@tensorflow/tfjs-core';
import { byteValues } from '../../gpu/ops/index.ts';
import { pixelTable } from '../images/pixels.ts';
import type { ImageTower } from '../language-model/image-encoder.ts';
import type { ReferenceImage } from '../language-model/language-model.ts';
import type { ImagePatches } from '../policy.ts';
import { Siglip2Tower } from '../siglip2/tower.ts';
import type { WeightView } from '../weight-view.ts';
import type { Lfm2VlConfig } from './config.ts';
import type { ImageConfig } from './image-config.ts';
import { project } from './projector.ts';

export const TOWER = 'model.vision_tower.';
export const PROJECTOR = 'model.multi_modal_projector.';

export class Lfm2VlTower implements ImageTower {
  readonly #tower: Siglip2Tower;

  constructor(
    private readonly config: Lfm2VlConfig,
    private readonly images: ImageConfig,
  ) {
    this.#tower = new Siglip2Tower(config.vision, TOWER);
  }

  tokens({ rows, columns }: ImagePatches): number {
    const { downsampleFactor } = this.config.projector;
    return Math.ceil(rows / downsampleFactor) * Math.ceil(columns / downsampleFactor);
  }

  encode(batch: ImagePatches[], view: WeightView): tf.Tensor2D {
    const [{ rows, columns, bytes }] = batch;
    const all = batch.length === 1 ? bytes : new Uint8Array(batch.length * bytes.length);
    if (batch.length > 1) batch.forEach((image, index) => all.set(image.bytes, index * bytes.length));
    const count = batch.length * rows * columns;
    const shape = [count, all.length / count];
    const patches = byteValues<tf.Rank.R2>(all, pixelTable(this.images), shape);
    const features = this.#tower.forward(view, patches, batch.length, rows, columns);
    return project(view, PROJECTOR, this.config.projector, features, rows, columns);
  }
}

/** The processor pads every image to the same number of patches. */
export function referenceImages(
  { scale, offset }: ImageConfig,
  values: Float32Array,
  [images, patches, size]: readonly number[],
  shapes: Int32Array,
): ReferenceImage[] {
  return Array.from({ length: images }, (_, index) => {
    const [rows, columns] = shapes.subarray(2 * index, 2 * index + 2);
    const start = index * patches * size;
    const levels = values
      .slice(start, start + rows * columns * size)
      .map((value, at) => (value - offset[at % 3]) / scale[at % 3]);
    return { rows, columns, levels };
  });
}
