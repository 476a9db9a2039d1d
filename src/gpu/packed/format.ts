/** How frozen weights are stored: number formats, their sizes, and the arithmetic of packing in plain JavaScript. */

/** f16 in pairs; int8 and int4 with a float16 scale for every 32 neighbours of a row. */
export type WeightFormat = 'f32' | 'f16' | 'int8' | 'int4';

export const WEIGHT_FORMATS: readonly WeightFormat[] = ['f32', 'f16', 'int8', 'int4'];

/** Neighbours in a row that share a scale. */
export const GROUP = 32;

/** Largest integer of a format: symmetric, so that zero is exact. */
export const LEVELS = { int8: 127, int4: 7 } as const;

const BITS: Readonly<Record<WeightFormat, number>> = { f32: 32, f16: 16, int8: 8, int4: 4 };

/** Largest finite float16. */
const HALF_MAX = 65504;

export function isQuantized(format: WeightFormat): format is 'int8' | 'int4' {
  return format === 'int8' || format === 'int4';
}

/** Elements from one stored row to the next. Packed rows are padded with zeros, so that a row begins with a whole word. */
export function rowStride(columns: number, format: WeightFormat): number {
  const unit = format === 'f32' ? 1 : format === 'f16' ? 8 : GROUP;
  return Math.ceil(columns / unit) * unit;
}

/** Bytes of the packed values, without scales. */
export function wordBytes(rows: number, columns: number, format: WeightFormat): number {
  return (rows * rowStride(columns, format) * BITS[format]) / 8;
}

/** Bytes of the scales, in whole words; 0 for the float formats. */
export function scaleBytes(rows: number, columns: number, format: WeightFormat): number {
  if (!isQuantized(format)) return 0;
  return Math.ceil((rows * rowStride(columns, format)) / GROUP / 2) * 4;
}

/** Bytes that a matrix takes on the GPU in that format. */
export function packedBytes(rows: number, columns: number, format: WeightFormat): number {
  return wordBytes(rows, columns, format) + scaleBytes(rows, columns, format);
}

const word = new DataView(new ArrayBuffer(4));

/** A number rounded to the nearest float16, ties to even; clamped to the finite ones. */
export function roundToHalf(value: number): number {
  const magnitude = Math.min(Math.abs(value), HALF_MAX);
  if (magnitude < 2 ** -14) return Math.sign(value) * roundEven(magnitude * 2 ** 24) * 2 ** -24;
  word.setFloat32(0, magnitude);
  // 10 of 23 fraction bits stay.
  const bits = word.getUint32(0);
  word.setUint32(0, (bits + 0xfff + ((bits >>> 13) & 1)) & ~0x1fff);
  return Math.sign(value) * Math.min(word.getFloat32(0), HALF_MAX);
}

function roundEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
}

/**
 * The values that a matrix has after it was packed and read again.
 * @param values  [rows, columns]
 */
export function rounded(values: Float32Array, columns: number, format: WeightFormat): Float32Array {
  if (format === 'f32') return values;
  if (!isQuantized(format)) return values.map(roundToHalf);
  const levels = LEVELS[format];
  const out = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += columns)
    for (let start = 0; start < columns; start += GROUP) {
      const end = Math.min(start + GROUP, columns);
      let largest = 0;
      for (let c = start; c < end; c++) largest = Math.max(largest, Math.abs(values[row + c]));
      const scale = roundToHalf(largest / levels);
      for (let c = start; c < end; c++) {
        const level = scale === 0 ? 0 : Math.round(values[row + c] / scale);
        out[row + c] = Math.max(-levels, Math.min(levels, level)) * scale;
      }
    }
  return out;
}
