/** Screenshots as bytes: without their fourth channel, cut into patches, and what values a vision tower reads for them. */
import { ModelInputError } from '../errors.ts';
import type { ImagePatches, Pixels } from '../policy.ts';
import type { PixelScaling } from './scaling.ts';

/** @throws {ModelInputError} image-invalid when the pixels do not fill the size */
export function toRgb({ width, height, channels, data }: Pixels): Uint8Array {
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

/** Channel last in a patch, rows of a patch one after the other, patches in raster order. */
export function cutPatches(
  data: Uint8Array,
  size: { width: number; height: number },
  patchSize: number,
): ImagePatches {
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

/** The values that the tower reads for each channel's bytes: [3 · 256]. */
export function pixelTable({ scale, offset }: PixelScaling): Float32Array {
  return Float32Array.from({ length: 3 * 256 }, (_, i) => (i & 255) * scale[i >> 8] + offset[i >> 8]);
}
