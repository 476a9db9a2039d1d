/** LayerNorm in WGSL. With h = (x - mean) · r and r = 1/√(variance + eps). */
import { GRAD_ROWS, read, ROW_PARAMS, rowMain, rowSum, uniform, write } from '../rows.wgsl.ts';

/** Leaves mean and r of the row that begins at `o`. The variance is summed about the mean: Σ x² - D · mean² would cancel. */
const statistics = (width: number): string => `${rowSum(width, 'total', 'x[o + c]')}
  let mean = total / f32(p.D);
  ${rowSum(width, 'squares', '(x[o + c] - mean) * (x[o + c] - mean)')}
  let r = inverseSqrt(squares / f32(p.D) + p.eps);`;

/** y = h · w + b. Bindings x, w, b, y. */
export function forwardWgsl(width: number): string {
  return `${ROW_PARAMS}
${read(0, 'x')}${read(1, 'w')}${read(2, 'b')}${write(3, 'y')}${uniform(4)}
${rowMain(
  width,
  `  let o = row * p.D;
  ${statistics(width)}
  for (var c = t; c < p.D; c += ${width}u) { y[o + c] = (x[o + c] - mean) * r * w[c] + b[c]; }
`,
)}`;
}

/** dx = r · (g - mean(g) - h · mean(g · h)) with g = w · dy. Bindings x, w, dy, dx. */
export function gradXWgsl(width: number): string {
  return `${ROW_PARAMS}
${read(0, 'x')}${read(1, 'w')}${read(2, 'dy')}${write(3, 'dx')}${uniform(4)}
${rowMain(
  width,
  `  let o = row * p.D;
  ${statistics(width)}
  ${rowSum(width, 'slopes', 'w[c] * dy[o + c]')}
  ${rowSum(width, 'dots', 'w[c] * dy[o + c] * (x[o + c] - mean)')}
  let s = dots * r * r / f32(p.D);
  for (var c = t; c < p.D; c += ${width}u) {
    dx[o + c] = r * (w[c] * dy[o + c] - slopes / f32(p.D) - (x[o + c] - mean) * s);
  }
`,
)}`;
}

/** (mean, r) of every row. Bindings x, stats. */
export function statisticsWgsl(width: number): string {
  return `${ROW_PARAMS}
${read(0, 'x')}@group(0) @binding(1) var<storage, read_write> stats: array<vec2<f32>>;
${uniform(2)}
${rowMain(
  width,
  `  let o = row * p.D;
  ${statistics(width)}
  if (t == 0u) { stats[row] = vec2<f32>(mean, r); }
`,
)}`;
}

/** parts[chunk, c] = Σ over the chunk's rows of dy · h, one thread a column. Bindings x, stats, dy, parts. */
export const GRAD_WEIGHT_WGSL = `${ROW_PARAMS}
${read(0, 'x')}@group(0) @binding(1) var<storage, read> stats: array<vec2<f32>>;
${read(2, 'dy')}${write(3, 'parts')}${uniform(4)}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c >= p.D) { return; }
  var sum = 0.0;
  for (var row = id.y * ${GRAD_ROWS}u; row < min(p.rows, (id.y + 1u) * ${GRAD_ROWS}u); row++) {
    sum += dy[row * p.D + c] * (x[row * p.D + c] - stats[row].x) * stats[row].y;
  }
  parts[id.y * p.D + c] = sum;
}`;
