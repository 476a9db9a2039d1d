/** RMSNorm in WGSL: `width` threads share a row; 1 needs no barrier, which suits software adapters. */
import { flatIndex } from '../../fused.ts';

/** Code that leaves the row's sum of `term` (an expression in c, the column) in `sum`. */
function rowSum(width: number, name: string, term: string): string {
  if (width === 1) {
    return `var ${name} = 0.0;
  for (var c = 0u; c < p.D; c++) { ${name} += ${term}; }`;
  }
  return `var part_${name} = 0.0;
  for (var c = t; c < p.D; c += ${width}u) { part_${name} += ${term}; }
  workgroupBarrier();
  shared_[t] = part_${name};
  workgroupBarrier();
  for (var k = ${width / 2}u; k > 0u; k >>= 1u) {
    if (t < k) { shared_[t] += shared_[t + k]; }
    workgroupBarrier();
  }
  let ${name} = shared_[0];`;
}

/** With one thread a row, 16 rows a workgroup; else a workgroup a row, folded into x and y. */
function main(width: number, body: string): string {
  if (width === 1) {
    return `@compute @workgroup_size(16) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = ${flatIndex(16)};
  let t = 0u;
  if (row >= p.rows) { return; }
${body}}`;
  }
  return `var<workgroup> shared_: array<f32, ${width}>;
@compute @workgroup_size(${width})
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let row = ${flatIndex(1)};
  if (row >= p.rows) { return; }
${body}}`;
}

const PARAMS = 'struct Params { rows: u32, D: u32, eps: f32, pad: u32 }';
const read = (binding: number, name: string): string =>
  `@group(0) @binding(${binding}) var<storage, read> ${name}: array<f32>;\n`;
const write = (binding: number, name: string): string =>
  `@group(0) @binding(${binding}) var<storage, read_write> ${name}: array<f32>;\n`;
const uniform = (binding: number): string => `@group(0) @binding(${binding}) var<uniform> p: Params;\n`;

/** y = x · r · w with r = 1/√(mean(x²) + eps). Bindings x, w, y. */
export function forwardWgsl(width: number): string {
  return `${PARAMS}
${read(0, 'x')}${read(1, 'w')}${write(2, 'y')}${uniform(3)}
${main(
  width,
  `  let o = row * p.D;
  ${rowSum(width, 'squares', 'x[o + c] * x[o + c]')}
  let r = inverseSqrt(squares / f32(p.D) + p.eps);
  for (var c = t; c < p.D; c += ${width}u) { y[o + c] = x[o + c] * r * w[c]; }
`,
)}`;
}

/** dx = r · w · dy - x · r³ / D · Σ w · dy · x. Bindings x, w, dy, dx. */
export function gradXWgsl(width: number): string {
  return `${PARAMS}
${read(0, 'x')}${read(1, 'w')}${read(2, 'dy')}${write(3, 'dx')}${uniform(4)}
${main(
  width,
  `  let o = row * p.D;
  ${rowSum(width, 'squares', 'x[o + c] * x[o + c]')}
  ${rowSum(width, 'dots', 'w[c] * dy[o + c] * x[o + c]')}
  let r = inverseSqrt(squares / f32(p.D) + p.eps);
  let s = r * r * r / f32(p.D) * dots;
  for (var c = t; c < p.D; c += ${width}u) { dx[o + c] = r * w[c] * dy[o + c] - s * x[o + c]; }
`,
)}`;
}

/** Rows that one thread of the weight's gradient adds up. */
export const GRAD_ROWS = 64;

/** parts[chunk, c] = Σ over the chunk's rows of dy · x · r, one thread a column. Bindings x, r, dy, parts. */
export const GRAD_WEIGHT_WGSL = `${PARAMS}
${read(0, 'x')}${read(1, 'r')}${read(2, 'dy')}${write(3, 'parts')}${uniform(4)}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c >= p.D) { return; }
  var sum = 0.0;
  for (var row = id.y * ${GRAD_ROWS}u; row < min(p.rows, (id.y + 1u) * ${GRAD_ROWS}u); row++) {
    sum += dy[row * p.D + c] * x[row * p.D + c] * r[row];
  }
  parts[id.y * p.D + c] = sum;
}`;

/** r of every row. Bindings x, r. */
export function scaleWgsl(width: number): string {
  return `${PARAMS}
${read(0, 'x')}${write(1, 'r')}${uniform(2)}
${main(
  width,
  `  let o = row * p.D;
  ${rowSum(width, 'squares', 'x[o + c] * x[o + c]')}
  if (t == 0u) { r[row] = inverseSqrt(squares / f32(p.D) + p.eps); }
`,
)}`;
}
