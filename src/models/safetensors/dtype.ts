/** Number formats of safetensors files and their conversion to and from float32. */

export type Dtype = 'F32' | 'BF16' | 'F16' | 'I32';

export const BYTES: Readonly<Record<Dtype, number>> = { F32: 4, BF16: 2, F16: 2, I32: 4 };

export function isDtype(name: unknown): name is Dtype {
  return typeof name === 'string' && Object.hasOwn(BYTES, name);
}

const word = new DataView(new ArrayBuffer(4));

/** float16 bits to a number. IEEE 754 binary16, with subnormals, infinities and NaN. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A float32 as float16 bits, rounded to nearest even; beyond 65519 it becomes infinity. */
export function floatToHalf(value: number): number {
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | roundHalfEven(Math.abs(value) * 2 ** 24);
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

/** A float32 as bfloat16 bits, rounded to nearest even; a NaN stays one. */
export function floatToBfloat(value: number): number {
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** Python's round(): ties go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
}

let halves: Float32Array | undefined;

/** All 65,536 half floats: a lookup converts a large model several times faster than arithmetic. */
function halfTable(): Float32Array {
  return (halves ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits)));
}

/** Little-endian tensor bytes as float32. The bytes are copied, so they need no alignment. */
export function toFloat32(bytes: ArrayBuffer, dtype: Exclude<Dtype, 'I32'>): Float32Array<ArrayBuffer> {
  if (dtype === 'F32') return new Float32Array(bytes);
  const source = new Uint16Array(bytes);
  const values = new Float32Array(source.length);
  if (dtype === 'BF16') {
    const words = new Uint32Array(values.buffer);
    for (let i = 0; i < source.length; i++) words[i] = source[i] << 16;
  } else {
    const table = halfTable();
    for (let i = 0; i < source.length; i++) values[i] = table[source[i]];
  }
  return values;
}

/** float32 values as little-endian bytes of `dtype`. */
export function fromFloat32(values: Float32Array, dtype: Exclude<Dtype, 'I32'>): Uint8Array {
  if (dtype === 'F32') return new Uint8Array(values.slice().buffer);
  const convert = dtype === 'BF16' ? floatToBfloat : floatToHalf;
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) bits[i] = convert(values[i]);
  return new Uint8Array(bits.buffer);
}
