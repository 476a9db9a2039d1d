/**
 * PyTorch's 8-bit image resize with antialias, bit for bit, which transformers' image processors use (torchvision): weights of
 * 16 bits, horizontal pass first, rounding to bytes between the passes. Pillow's has finer weights: the same bytes for nearly every
 * larger size, one level off here and there for smaller ones and two now and then.
 */
import { resamplingTaps, type Filter, type Taps } from './resampling.ts';

interface Image {
  width: number;
  height: number;
  /** [height, width, 3] */
  data: Uint8Array;
}

interface FixedTaps {
  /** Fractional bits of the weights. */
  precision: number;
  taps: { start: number; weights: Int32Array }[];
}

/** Rounds half away from zero: bicubic weights may be negative. */
function quantize(taps: Taps[]): FixedTaps {
  const precision = precisionOf(taps);
  return {
    precision,
    taps: taps.map(({ start, weights }) => ({
      start,
      weights: Int32Array.from(weights, weight =>
        Math.trunc(weight * 2 ** precision + (weight < 0 ? -0.5 : 0.5)),
      ),
    })),
  };
}

/** As many bits as keep the largest weight within 16. @see ATen's compute_index_ranges_int16_weights */
function precisionOf(taps: Taps[]): number {
  const largest = taps.reduce((most, { weights }) => weights.reduce((a, b) => Math.max(a, b), most), 0);
  let precision = 0;
  while (precision < 22 && Math.trunc(0.5 + largest * 2 ** (precision + 1)) < 2 ** 15) precision++;
  return precision;
}

/** The sum fits 32 bits: 255 times weights that sum to about 2^22, plus a half; bicubic lobes add less than half as much. */
function toByte(sum: number, precision: number): number {
  const value = sum >> precision;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** @returns [height, width, 3] of the new size; the very same bytes that torchvision's resize gives for an RGB image */
export function resizeImage(image: Image, width: number, height: number, filter: Filter): Image {
  let { data } = image;
  const taps = (from: number, to: number): FixedTaps => quantize(resamplingTaps(from, to, filter));
  if (width !== image.width) data = horizontalPass(data, image.width, image.height, taps(image.width, width));
  if (height !== image.height) data = verticalPass(data, width, taps(image.height, height));
  return { width, height, data };
}

function horizontalPass(
  data: Uint8Array,
  from: number,
  rows: number,
  { precision, taps }: FixedTaps,
): Uint8Array {
  const to = taps.length;
  const half = 1 << (precision - 1);
  const result = new Uint8Array(rows * to * 3);
  for (let row = 0; row < rows; row++)
    for (let x = 0; x < to; x++) {
      const { start, weights } = taps[x];
      let [r, g, b] = [half, half, half];
      for (let tap = 0, at = (row * from + start) * 3; tap < weights.length; tap++, at += 3) {
        const weight = weights[tap];
        r += data[at] * weight;
        g += data[at + 1] * weight;
        b += data[at + 2] * weight;
      }
      const out = (row * to + x) * 3;
      result[out] = toByte(r, precision);
      result[out + 1] = toByte(g, precision);
      result[out + 2] = toByte(b, precision);
    }
  return result;
}

function verticalPass(data: Uint8Array, columns: number, { precision, taps }: FixedTaps): Uint8Array {
  const to = taps.length;
  const stride = columns * 3;
  const result = new Uint8Array(to * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < to; y++) {
    const { start, weights } = taps[y];
    sums.fill(1 << (precision - 1));
    for (let tap = 0; tap < weights.length; tap++) {
      const weight = weights[tap];
      const row = (start + tap) * stride;
      for (let i = 0; i < stride; i++) sums[i] += data[row + i] * weight;
    }
    for (let i = 0; i < stride; i++) result[y * stride + i] = toByte(sums[i], precision);
  }
  return result;
}
