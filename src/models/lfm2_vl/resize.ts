/**
 * Pillow's 8-bit image resize, bit for bit: fixed-point weights, horizontal pass first, rounding to bytes between the passes.
 * (Pillow 13 takes the vertical pass first where that is cheaper; models were trained before it.)
 */
import { resamplingTaps, type Filter, type Taps } from '../siglip2/resampling.ts';

/** Pillow's PRECISION_BITS for 8-bit images: 32 - 8 - 2. */
const PRECISION = 22;

interface Image {
  width: number;
  height: number;
  /** [height, width, 3] */
  data: Uint8Array;
}

/** Fixed-point taps. Pillow rounds half away from zero: bicubic weights may be negative. */
function quantize(taps: Taps[]): { start: number; weights: Int32Array }[] {
  return taps.map(({ start, weights }) => ({
    start,
    weights: Int32Array.from(weights, weight =>
      Math.trunc(weight * 2 ** PRECISION + (weight < 0 ? -0.5 : 0.5)),
    ),
  }));
}

/** The sum fits 32 bits: 255 times weights that sum to about 2^22, plus a half; bicubic lobes add less than half as much. */
function toByte(sum: number): number {
  const value = sum >> PRECISION;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** @returns [height, width, 3] of the new size; the very same bytes that Pillow's Image.resize gives for an RGB image */
export function resizeImage(image: Image, width: number, height: number, filter: Filter): Image {
  let { data } = image;
  if (width !== image.width) data = horizontalPass(data, image.width, image.height, width, filter);
  if (height !== image.height) data = verticalPass(data, width, image.height, height, filter);
  return { width, height, data };
}

function horizontalPass(
  data: Uint8Array,
  from: number,
  rows: number,
  to: number,
  filter: Filter,
): Uint8Array {
  const taps = quantize(resamplingTaps(from, to, filter));
  const result = new Uint8Array(rows * to * 3);
  for (let row = 0; row < rows; row++)
    for (let x = 0; x < to; x++) {
      const { start, weights } = taps[x];
      let [r, g, b] = [1 << (PRECISION - 1), 1 << (PRECISION - 1), 1 << (PRECISION - 1)];
      for (let tap = 0, at = (row * from + start) * 3; tap < weights.length; tap++, at += 3) {
        const weight = weights[tap];
        r += data[at] * weight;
        g += data[at + 1] * weight;
        b += data[at + 2] * weight;
      }
      const out = (row * to + x) * 3;
      result[out] = toByte(r);
      result[out + 1] = toByte(g);
      result[out + 2] = toByte(b);
    }
  return result;
}

function verticalPass(
  data: Uint8Array,
  columns: number,
  from: number,
  to: number,
  filter: Filter,
): Uint8Array {
  const taps = quantize(resamplingTaps(from, to, filter));
  const stride = columns * 3;
  const result = new Uint8Array(to * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < to; y++) {
    const { start, weights } = taps[y];
    sums.fill(1 << (PRECISION - 1));
    for (let tap = 0; tap < weights.length; tap++) {
      const weight = weights[tap];
      const row = (start + tap) * stride;
      for (let i = 0; i < stride; i++) sums[i] += data[row + i] * weight;
    }
    for (let i = 0; i < stride; i++) result[y * stride + i] = toByte(sums[i]);
  }
  return result;
}
