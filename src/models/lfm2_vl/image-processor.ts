/** From screenshots to patches and the text that stands for them: LFM2-VL's image processor. */
import { cutPatches, toRgb } from '../images/pixels.ts';
import type { ProcessedImage } from '../images/prompt.ts';
import { resizeImage } from '../images/resize.ts';
import type { ImagePatches, Pixels } from '../policy.ts';
import { imageTokens, layoutImage, type Size } from './layout.ts';
import type { ImageConfig } from './image-config.ts';

/** Strings of the tokens that the processor writes. */
export const IMAGE_TOKEN = '<image>';
const IMAGE_START = '<|image_start|>';
const IMAGE_END = '<|image_end|>';
const THUMBNAIL = '<|img_thumbnail|>';

/** Whether a token is an image placeholder or marker. */
export function isImageMarker(token: string): boolean {
  return (
    token === IMAGE_TOKEN || /^<\|(image_(start|end|split)|img_thumbnail|img_row_\d+_col_\d+)\|>$/.test(token)
  );
}

/** @throws {ModelInputError} image-invalid when the pixels do not fill the size */
export function processImage(image: Pixels, config: ImageConfig): ProcessedImage {
  const source = { width: image.width, height: image.height, data: toRgb(image) };
  const { whole, grid } = layoutImage(image, config);
  const resized = (size: Size): Uint8Array =>
    resizeImage(source, size.width, size.height, config.filter).data;
  const placeholders = (size: Size): string => IMAGE_TOKEN.repeat(imageTokens(size, config));
  if (!grid)
    return {
      patches: [cutPatches(resized(whole), whole, config.patchSize)],
      text: IMAGE_START + placeholders(whole) + IMAGE_END,
    };

  const tile = { width: config.tileSize, height: config.tileSize };
  const full = { width: grid.columns * tile.width, height: grid.rows * tile.height };
  const pixels = resized(full);
  const patches: ImagePatches[] = [];
  let text = IMAGE_START;
  const isSplit = grid.columns * grid.rows > 1;
  for (let row = 0; row < grid.rows; row++)
    for (let column = 0; column < grid.columns; column++) {
      const part = crop(pixels, full.width, column * tile.width, row * tile.height, tile);
      patches.push(cutPatches(part, tile, config.patchSize));
      if (isSplit) text += `<|img_row_${row + 1}_col_${column + 1}|>`;
      text += placeholders(isSplit ? tile : whole);
    }
  if (config.useThumbnail && isSplit) {
    patches.push(cutPatches(resized(whole), whole, config.patchSize));
    text += THUMBNAIL + placeholders(whole);
  }
  return { patches, text: text + IMAGE_END };
}

function crop(data: Uint8Array, stride: number, left: number, top: number, size: Size): Uint8Array {
  const part = new Uint8Array(size.width * size.height * 3);
  for (let y = 0; y < size.height; y++) {
    const from = ((top + y) * stride + left) * 3;
    part.set(data.subarray(from, from + size.width * 3), y * size.width * 3);
  }
  return part;
}
