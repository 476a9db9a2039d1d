/** From screenshots to patches and the text that stands for them: LFM2-VL's image processor. */
import { ModelInputError } from '../errors.ts';
import type { ImagePatches, Pixels } from '../policy.ts';
import { imageTokens, layoutImage, type Size } from './layout.ts';
import type { ImageConfig } from './image-config.ts';
import { resizeImage } from './resize.ts';

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

export interface ProcessedImage {
  /** Tiles row by row, then the thumbnail; or the one whole image. */
  patches: ImagePatches[];
  /** What replaces `<image>` in the rendered chat. */
  text: string;
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

function toRgb({ width, height, channels, data }: Pixels): Uint8Array {
  if (data.length !== width * height * channels || data.length === 0)
    throw new ModelInputError('image-invalid', {
      message: `An image of ${width}×${height} with ${channels} channels has ${data.length} bytes instead of ${width * height * channels}.`,
    });
  if (channels === 3) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    rgb[to++] = data[from];
    rgb[to++] = data[from + 1];
    rgb[to++] = data[from + 2];
  }
  return rgb;
}

function crop(data: Uint8Array, stride: number, left: number, top: number, size: Size): Uint8Array {
  const part = new Uint8Array(size.width * size.height * 3);
  for (let y = 0; y < size.height; y++) {
    const from = ((top + y) * stride + left) * 3;
    part.set(data.subarray(from, from + size.width * 3), y * size.width * 3);
  }
  return part;
}

/** Channel last in a patch, rows of a patch one after the other, patches in raster order. */
function cutPatches(data: Uint8Array, size: Size, patchSize: number): ImagePatches {
  const rows = Math.floor(size.height / patchSize);
  const columns = Math.floor(size.width / patchSize);
  const line = patchSize * 3;
  const bytes = new Uint8Array(rows * columns * patchSize * line);
  let to = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let y = 0; y < patchSize; y++) {
        const from = ((row * patchSize + y) * size.width + column * patchSize) * 3;
        bytes.set(data.subarray(from, from + line), to);
        to += line;
      }
  return { bytes, rows, columns, key: `${rows}x${columns}:${hashBytes(bytes)}` };
}

/** 64 bits of two FNV-1a walks over 32-bit words: names an image in a cache, and is no defence against an adversary. */
function hashBytes(bytes: Uint8Array): string {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (let i = 0; i < bytes.length; i++) {
    a = Math.imul(a ^ bytes[i], 0x01000193);
    b = Math.imul(b ^ bytes[i] ^ (b >>> 15), 0x85ebca6b);
  }
  return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0');
}

/** The values that the tower reads, [rows · columns, patchSize² · 3]. */
export function pixelValues(image: ImagePatches, config: ImageConfig, into?: Float32Array): Float32Array {
  const values = into ?? new Float32Array(image.bytes.length);
  const table = config.scale.map((scale, channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => byte * scale + config.offset[channel]),
  );
  for (let i = 0; i < values.length; i++) values[i] = table[i % 3][image.bytes[i]];
  return values;
}
