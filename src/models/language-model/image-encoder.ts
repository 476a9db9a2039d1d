/** Turns screenshots' patches into features by a family's vision tower, with a cache of what is frozen. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../gpu/index.ts';
import type { ImagePatches } from '../policy.ts';
import { withoutGradient, type WeightView } from '../weight-view.ts';
import type { ImageFeatures } from './language-model.ts';

/**
 * Patches that go through the tower in one batch: bounds the memory of attention scores, and of what large towers make. A
 * tower that trains on webgpu takes what a micro-batch has, which is bounded already.
 */
const MAX_PATCHES = 8192;

/**
 * Images whose features are remembered: those of a step, from its sampling to its update. Pages of later steps are others, so
 * that more would only be memory that grows (by 18 kB a step of the embedded policy, over hundreds of steps).
 */
export const REMEMBERED_IMAGES = 256;

/** Bytes of features that are remembered at most, however large an image's are. */
const CACHE_BYTES = 256 * 2 ** 20;

/** A vision tower with what joins it to a language model. */
export interface ImageTower {
  /** Features, and so placeholders, of one image. */
  tokens(image: ImagePatches): number;
  /**
   * Call within a tidy.
   * @param images  of one grid
   * @returns [images · tokens, width]
   */
  encode(images: ImagePatches[], view: WeightView): tf.Tensor2D;
}

/** Encodes each distinct image once, and remembers it while nothing in the tower trains. */
export class ImageEncoder {
  /** Oldest use first. */
  readonly #cache = new Map<string, tf.Tensor2D>();
  #cachedBytes = 0;

  constructor(private readonly tower: ImageTower) {}

  /**
   * Features of the distinct images among `images`. Call within a tidy.
   * @param frozen  whether nothing in this view of the vision side trains: features are then cached and carry no gradient
   */
  encode(images: ImagePatches[], view: WeightView, frozen: boolean): ImageFeatures {
    const distinct = [...new Map(images.map(image => [image.key, image])).values()];
    if (!frozen) {
      const batches = this.#batches(distinct, gpuBackend() ? Infinity : MAX_PATCHES);
      return this.#joined(
        batches.map(batch => this.tower.encode(batch, view)),
        batches.flat(),
      );
    }
    const features = this.#cached(distinct, view);
    return this.#joined(
      distinct.map(({ key }) => features.get(key)!),
      distinct,
    );
  }

  /** Forgets every encoding; to be called when weights change. */
  clear(): void {
    for (const features of this.#cache.values()) features.dispose();
    this.#cache.clear();
    this.#cachedBytes = 0;
  }

  /** @param images  whose features the parts hold, in their order */
  #joined(parts: tf.Tensor2D[], images: ImagePatches[]): ImageFeatures {
    const firstRow = new Map<string, number>();
    let row = 0;
    for (const image of images) {
      firstRow.set(image.key, row);
      row += this.tower.tokens(image);
    }
    return { features: parts.length === 1 ? parts[0] : tf.concat(parts, 0), firstRow };
  }

  #cached(images: ImagePatches[], view: WeightView): Map<string, tf.Tensor2D> {
    const missing = images.filter(image => !this.#cache.has(image.key));
    for (const batch of this.#batches(missing, MAX_PATCHES)) {
      const features = withoutGradient(() => this.tower.encode(batch, view));
      const tokens = this.tower.tokens(batch[0]);
      batch.forEach((image, index) => {
        const part = withoutGradient(() =>
          tf.slice(features, [index * tokens, 0], [tokens, features.shape[1]]),
        );
        this.#cache.set(image.key, tf.keep(part));
        this.#cachedBytes += part.size * 4;
      });
      features.dispose();
    }
    const wanted = new Map<string, tf.Tensor2D>();
    for (const { key } of images) {
      const features = this.#cache.get(key)!;
      this.#cache.delete(key);
      this.#cache.set(key, features);
      wanted.set(key, features);
    }
    this.#evict(wanted);
    return wanted;
  }

  #evict(wanted: ReadonlyMap<string, tf.Tensor2D>): void {
    for (const [key, features] of this.#cache) {
      if (this.#cachedBytes <= CACHE_BYTES && this.#cache.size <= REMEMBERED_IMAGES) return;
      if (wanted.has(key)) continue;
      this.#cachedBytes -= features.size * 4;
      this.#cache.delete(key);
      features.dispose();
    }
  }

  /** Images of equal grids, at most so many patches at a time. */
  #batches(images: ImagePatches[], most: number): ImagePatches[][] {
    const byGrid = new Map<string, ImagePatches[]>();
    for (const image of images) {
      const grid = `${image.rows}x${image.columns}`;
      byGrid.set(grid, [...(byGrid.get(grid) ?? []), image]);
    }
    return [...byGrid.values()].flatMap(group => {
      const size = Math.max(1, Math.min(group.length, Math.floor(most / (group[0].rows * group[0].columns))));
      return Array.from({ length: Math.ceil(group.length / size) }, (_, i) =>
        group.slice(i * size, (i + 1) * size),
      );
    });
  }
}
