/** Dropout in plain JavaScript: the mask's bits are those of the shader. */
import { pcg } from '../../random.ts';

/** Values of 24 random bits below which a value is dropped. */
export function threshold(rate: number): number {
  return Math.round(rate * 2 ** 24);
}

/** @param out  gets x / (1 - rate) where a value is kept, 0 elsewhere. */
export function dropoutReference(out: Float32Array, x: Float32Array, rate: number, key: number): void {
  const dropped = threshold(rate);
  const scale = Math.fround(1 / (1 - rate));
  for (let i = 0; i < out.length; i++) {
    out[i] = pcg(key ^ pcg(i + 1)) >>> 8 < dropped ? 0 : x[i] * scale;
  }
}
