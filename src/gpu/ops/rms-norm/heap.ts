/** RMSNorm over plain arrays, for the wasm heap: one pass where a chain of tfjs ops takes five. */

export function forward(out: Float32Array, x: Float32Array, w: Float32Array, eps: number): void {
  const D = w.length;
  for (let o = 0; o < x.length; o += D) {
    const r = rowScale(x, o, D, eps);
    for (let c = 0; c < D; c++) out[o + c] = x[o + c] * r * w[c];
  }
}

export function gradX(
  dx: Float32Array,
  dy: Float32Array,
  x: Float32Array,
  w: Float32Array,
  eps: number,
): void {
  const D = w.length;
  for (let o = 0; o < x.length; o += D) {
    const r = rowScale(x, o, D, eps);
    let dots = 0;
    for (let c = 0; c < D; c++) dots += w[c] * dy[o + c] * x[o + c];
    const s = ((r * r * r) / D) * dots;
    for (let c = 0; c < D; c++) dx[o + c] = r * w[c] * dy[o + c] - s * x[o + c];
  }
}

export function gradWeight(dw: Float32Array, dy: Float32Array, x: Float32Array, eps: number): void {
  const D = dw.length;
  const sums = new Float64Array(D);
  for (let o = 0; o < x.length; o += D) {
    const r = rowScale(x, o, D, eps);
    for (let c = 0; c < D; c++) sums[c] += dy[o + c] * x[o + c] * r;
  }
  dw.set(sums);
}

function rowScale(x: Float32Array, o: number, D: number, eps: number): number {
  let squares = 0;
  for (let c = o; c < o + D; c++) squares += x[c] * x[c];
  return 1 / Math.sqrt(squares / D + eps);
}
