/** How LFM2-VL sizes an image: one resized whole, or a grid of tiles with a thumbnail. Pure arithmetic. */
import { roundHalfEven } from '../safetensors/dtype.ts';
import type { ImageConfig } from './image-config.ts';

export interface Size {
  width: number;
  height: number;
}

export interface ImageLayout {
  /** Size of the whole image as it is encoded: alone, or as thumbnail. */
  whole: Size;
  /** Tiles across and down; absent when the image is not split. */
  grid?: { columns: number; rows: number };
}

const roundTo = (value: number, factor: number): number => roundHalfEven(value / factor) * factor;

/**
 * The nearest size in multiples of patchSize · downsampleFactor with between min and max image tokens.
 * @see transformers Lfm2VlImageProcessor.smart_resize; Python's round goes half to even
 */
export function smartResize({ width, height }: Size, config: ImageConfig): Size {
  const factor = config.patchSize * config.downsampleFactor;
  const most = config.maxImageTokens * factor ** 2;
  const least = config.minImageTokens * factor ** 2;
  const size = {
    width: Math.max(factor, roundTo(width, factor)),
    height: Math.max(factor, roundTo(height, factor)),
  };
  const area = size.width * size.height;
  if (area > most) {
    const shrink = Math.sqrt((height * width) / most);
    const fit = (length: number): number => Math.max(factor, Math.floor(length / shrink / factor) * factor);
    return { width: fit(width), height: fit(height) };
  }
  if (area < least) {
    const grow = Math.sqrt(least / (height * width));
    const fit = (length: number): number => Math.ceil((length * grow) / factor) * factor;
    return { width: fit(width), height: fit(height) };
  }
  return size;
}

function isTooLarge({ width, height }: Size, config: ImageConfig): boolean {
  const factor = config.patchSize * config.downsampleFactor;
  const [w, h] = [width, height].map(length => Math.max(config.patchSize, roundTo(length, factor)));
  return w * h > config.maxImageTokens * factor ** 2 * config.maxPixelsTolerance;
}

/** Grids of minTiles to maxTiles tiles, by tile count; among equals narrow before wide. */
function candidateGrids({ minTiles, maxTiles }: ImageConfig): { columns: number; rows: number }[] {
  const grids: { columns: number; rows: number }[] = [];
  for (let columns = 1; columns <= maxTiles; columns++)
    for (let rows = 1; rows <= maxTiles; rows++)
      if (columns * rows >= minTiles && columns * rows <= maxTiles) grids.push({ columns, rows });
  return grids.sort((a, b) => a.columns * a.rows - b.columns * b.rows);
}

/** @see transformers find_closest_aspect_ratio */
function closestGrid({ width, height }: Size, config: ImageConfig): { columns: number; rows: number } {
  let best = { columns: 1, rows: 1 };
  let smallest = Infinity;
  for (const grid of candidateGrids(config)) {
    const difference = Math.abs(width / height - grid.columns / grid.rows);
    const tieWins = width * height > 0.5 * config.tileSize ** 2 * grid.columns * grid.rows;
    if (difference < smallest || (difference === smallest && tieWins)) best = grid;
    smallest = Math.min(smallest, difference);
  }
  return best;
}

/** What becomes of an image of this size. */
export function layoutImage(size: Size, config: ImageConfig): ImageLayout {
  const whole = smartResize(size, config);
  if (!config.split || !isTooLarge(size, config)) return { whole };
  return { whole, grid: closestGrid(size, config) };
}

/** Image tokens of an encoded image or tile. */
export function imageTokens({ width, height }: Size, config: ImageConfig): number {
  const count = (length: number): number =>
    Math.ceil(Math.floor(length / config.patchSize) / config.downsampleFactor);
  return count(width) * count(height);
}
