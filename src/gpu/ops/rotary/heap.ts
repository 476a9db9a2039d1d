/** Rotary embedding over plain arrays, for the wasm heap. */

export interface RotaryLayout {
  /** Elements of a batch, positions, head size. */
  perBatch: number;
  T: number;
  D: number;
  /** The row of cos and sin for batch b and time t is b · rowsB + t · rowsT. */
  rowsB: number;
  rowsT: number;
}

export function rotaryHeap(
  y: Float32Array,
  x: Float32Array,
  cos: Float32Array,
  sin: Float32Array,
  o: RotaryLayout,
  backward: boolean,
): void {
  const half = o.D / 2;
  for (let i = 0; i < x.length; i += o.D) {
    const row = (Math.floor(i / o.perBatch) * o.rowsB + ((i / o.D) % o.T) * o.rowsT) * o.D;
    for (let e = 0; e < half; e++) {
      const [a, b] = [x[i + e], x[i + half + e]];
      if (backward) {
        y[i + e] = a * cos[row + e] + b * sin[row + half + e];
        y[i + half + e] = b * cos[row + half + e] - a * sin[row + e];
      } else {
        y[i + e] = a * cos[row + e] - b * sin[row + e];
        y[i + half + e] = b * cos[row + half + e] + a * sin[row + half + e];
      }
    }
  }
}
