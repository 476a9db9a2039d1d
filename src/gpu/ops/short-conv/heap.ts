/** Short causal convolution over plain arrays, for the wasm heap. */

export interface ConvSizes {
  T: number;
  D: number;
  L: number;
}

export function forward(y: Float32Array, u: Float32Array, kernel: Float32Array, o: ConvSizes): void {
  y.fill(0);
  eachTap(u.length, o, (row, past, tap) => {
    for (let d = 0; d < o.D; d++) y[row + d] += kernel[d * o.L + tap] * u[past + d];
  });
}

export function gradInput(du: Float32Array, dy: Float32Array, kernel: Float32Array, o: ConvSizes): void {
  du.fill(0);
  eachTap(dy.length, o, (row, past, tap) => {
    for (let d = 0; d < o.D; d++) du[past + d] += kernel[d * o.L + tap] * dy[row + d];
  });
}

export function gradKernel(dk: Float32Array, dy: Float32Array, u: Float32Array, o: ConvSizes): void {
  const sums = new Float64Array(dk.length);
  eachTap(u.length, o, (row, past, tap) => {
    for (let d = 0; d < o.D; d++) sums[d * o.L + tap] += dy[row + d] * u[past + d];
  });
  dk.set(sums);
}

/** Calls `use` with the offsets of a row and of the row that a tap brings to it. */
function eachTap(
  size: number,
  { T, D, L }: ConvSizes,
  use: (row: number, past: number, tap: number) => void,
): void {
  for (let row = 0; row < size; row += D) {
    const t = (row / D) % T;
    for (let back = 0; back < Math.min(L, t + 1); back++) use(row, row - back * D, L - 1 - back);
  }
}
