/** Number formats of GGUF tensors: how many values a block holds, in how many bytes, and how they become float32. */
import { halfToFloat } from '../safetensors/dtype.ts';

export interface BlockFormat {
  name: string;
  /** Values of a block. */
  values: number;
  /** Bytes of a block. */
  bytes: number;
  /**
   * Decodes whole blocks. Products are rounded to float32 one by one, as gguf-py does.
   * @see gguf-py quants.py (dequantize_blocks)
   */
  decode(source: DataView, target: Float32Array): void;
}

const f32 = Math.fround;

function half(source: DataView, at: number): number {
  return halfToFloat(source.getUint16(at, true));
}

const F32: BlockFormat = {
  name: 'F32',
  values: 1,
  bytes: 4,
  decode(source, target) {
    for (let i = 0; i < target.length; i++) target[i] = source.getFloat32(4 * i, true);
  },
};

const F16: BlockFormat = {
  name: 'F16',
  values: 1,
  bytes: 2,
  decode(source, target) {
    for (let i = 0; i < target.length; i++) target[i] = half(source, 2 * i);
  },
};

const BF16: BlockFormat = {
  name: 'BF16',
  values: 1,
  bytes: 2,
  decode(source, target) {
    const words = new Uint32Array(target.buffer, target.byteOffset, target.length);
    for (let i = 0; i < target.length; i++) words[i] = source.getUint16(2 * i, true) << 16;
  },
};

/** d, then 32 signed bytes q: x = d q. */
const Q8_0: BlockFormat = {
  name: 'Q8_0',
  values: 32,
  bytes: 34,
  decode(source, target) {
    for (let block = 0, at = 0; block < target.length; block += 32, at += 34) {
      const d = half(source, at);
      for (let i = 0; i < 32; i++) target[block + i] = d * source.getInt8(at + 2 + i);
    }
  },
};

/** d, then 16 bytes whose low halves are values 0–15 and whose high halves are values 16–31: x = d (q − 8). */
const Q4_0: BlockFormat = {
  name: 'Q4_0',
  values: 32,
  bytes: 18,
  decode(source, target) {
    for (let block = 0, at = 0; block < target.length; block += 32, at += 18) {
      const d = half(source, at);
      for (let i = 0; i < 16; i++) {
        const byte = source.getUint8(at + 2 + i);
        target[block + i] = d * ((byte & 15) - 8);
        target[block + i + 16] = d * ((byte >> 4) - 8);
      }
    }
  },
};

/** d, then 32 fifth bits, then 16 bytes of halves as in Q4_0: x = d (q − 16). */
const Q5_0: BlockFormat = {
  name: 'Q5_0',
  values: 32,
  bytes: 22,
  decode(source, target) {
    for (let block = 0, at = 0; block < target.length; block += 32, at += 22) {
      const [d, high] = [half(source, at), source.getUint32(at + 2, true)];
      for (let i = 0; i < 32; i++) {
        const byte = source.getUint8(at + 6 + (i & 15));
        const low = i < 16 ? byte & 15 : byte >> 4;
        target[block + i] = d * ((low | (((high >>> i) & 1) << 4)) - 16);
      }
    }
  },
};

/** Scale and minimum of sub-block j, 6 bits each, of the 12 packed bytes of Q4_K at `at`. */
function scaleAndMin(source: DataView, at: number, j: number): [number, number] {
  const byte = (i: number): number => source.getUint8(at + i);
  if (j < 4) return [byte(j) & 63, byte(j + 4) & 63];
  return [(byte(j + 4) & 15) | ((byte(j - 4) >> 6) << 4), (byte(j + 4) >> 4) | ((byte(j) >> 6) << 4)];
}

/**
 * d, dmin, eight 6-bit scales and minima, of Q5_K 32 bytes of fifth bits, 128 bytes of halves: x = d s q − dmin m.
 * @param fifth  bytes of fifth bits
 */
function withMinima(name: string, fifth: 0 | 32): BlockFormat {
  const bytes = 144 + fifth;
  return {
    name,
    values: 256,
    bytes,
    decode(source, target) {
      for (let block = 0, at = 0; block < target.length; block += 256, at += bytes) {
        const [d, dmin] = [half(source, at), half(source, at + 2)];
        for (let j = 0; j < 8; j++) {
          const [s, m] = scaleAndMin(source, at + 4, j);
          const [scale, min] = [f32(d * s), f32(dmin * m)];
          for (let i = 0; i < 32; i++) {
            const byte = source.getUint8(at + 16 + fifth + 32 * (j >> 1) + i);
            const high = fifth && ((source.getUint8(at + 16 + i) >> j) & 1) << 4;
            target[block + 32 * j + i] = f32(scale * ((j & 1 ? byte >> 4 : byte & 15) | high)) - min;
          }
        }
      }
    },
  };
}

const Q4_K = withMinima('Q4_K', 0);
const Q5_K = withMinima('Q5_K', 32);

/** 128 bytes of low halves, 64 of upper pairs, 16 signed scales, d: x = d s (q − 32). */
const Q6_K: BlockFormat = {
  name: 'Q6_K',
  values: 256,
  bytes: 210,
  decode(source, target) {
    for (let block = 0, at = 0; block < target.length; block += 256, at += 210) {
      const d = half(source, at + 208);
      for (let i = 0; i < 256; i++) {
        const [part, quarter, lane] = [i >> 7, (i >> 5) & 3, i & 31];
        const low = source.getUint8(at + 64 * part + 32 * (quarter & 1) + lane);
        const high = source.getUint8(at + 128 + 32 * part + lane);
        const q = ((quarter & 2 ? low >> 4 : low & 15) | (((high >> (2 * quarter)) & 3) << 4)) - 32;
        const scale = f32(d * source.getInt8(at + 192 + (i >> 4)));
        target[block + i] = scale * q;
      }
    }
  },
};

/** By ggml's number of the type. */
export const FORMATS: ReadonlyMap<number, BlockFormat> = new Map([
  [0, F32],
  [1, F16],
  [2, Q4_0],
  [6, Q5_0],
  [8, Q8_0],
  [12, Q4_K],
  [13, Q5_K],
  [14, Q6_K],
  [30, BF16],
]);
