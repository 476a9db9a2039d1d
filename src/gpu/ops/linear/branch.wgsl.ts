/** The gradients by a LoRA branch's matrices: products of tall matrices of which one is a few columns wide. */
import { flatIndex } from '../../fused.ts';

/** Columns of the narrow matrix that a thread sums. */
export const NARROW = 8;

/** Rows of [M, …] that a thread sums. */
export const SUM_ROWS = 32;

const EIGHT = Array.from({ length: NARROW }, (_, j) => j);

/** Both matrices' sums by chunks of rows: what is then added up by `BRANCH_SUM_WGSL`. */
export interface BranchParts {
  /** K and N are multiples of 4. */
  alignedX: boolean;
  alignedDy: boolean;
}

/**
 * parts[chunk, j, c] = Σ over the chunk's rows m of dLow[m, j] · x[m, c] for c < K, and of low[m, j] · dy[m, c - K] after
 * that; eight j and four c a thread, any sizes. Bindings dLow, low [M, rank], x [M, K], dy [M, N], parts
 * [chunks, rank, K + N]. Workgroups: [⌈(⌈K / 4⌉ + ⌈N / 4⌉) / 64⌉, ⌈M / SUM_ROWS⌉, ⌈rank / 8⌉].
 */
export function branchPartsWgsl({ alignedX, alignedDy }: BranchParts): string {
  const declared = (name: string, aligned: boolean, binding: number): string =>
    `@group(0) @binding(${binding}) var<storage, read> ${name}: array<${aligned ? 'vec4<f32>' : 'f32'}>;`;
  const read = (name: string, aligned: boolean, columns: string): string =>
    aligned
      ? `${name}[(m * ${columns} + c) / 4u]`
      : `vec4<f32>(${[0, 1, 2, 3].map(i => `${name}[m * ${columns} + min(c + ${i}u, ${columns} - 1u)]`).join(', ')})`;
  const sums = (narrow: string, wide: string, aligned: boolean, columns: string): string =>
    `for (var m = id.y * ${SUM_ROWS}u; m < min(p.M, (id.y + 1u) * ${SUM_ROWS}u); m++) {
      let v = ${read(wide, aligned, columns)};
      ${EIGHT.map(j => `sum${j} = fma(vec4<f32>(${narrow}[m * p.rank + j${j}]), v, sum${j});`).join('\n')}
    }`;
  return `struct Params { M: u32, rank: u32, K: u32, N: u32 }
@group(0) @binding(0) var<storage, read> dLow: array<f32>;
@group(0) @binding(1) var<storage, read> low: array<f32>;
${declared('x', alignedX, 2)}
${declared('dy', alignedDy, 3)}
@group(0) @binding(4) var<storage, read_write> parts: array<f32>;
@group(0) @binding(5) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let ofX = (p.K + 3u) / 4u;
  let isX = id.x < ofX;
  let c = select(id.x - ofX, id.x, isX) * 4u;
  let columns = select(p.N, p.K, isX);
  if (c >= columns) { return; }
  let first = id.z * ${NARROW}u;
  ${EIGHT.map(j => `let j${j} = min(first + ${j}u, p.rank - 1u); var sum${j} = vec4<f32>();`).join('\n')}
  if (isX) {
    ${sums('dLow', 'x', alignedX, 'p.K')}
  } else {
    ${sums('low', 'dy', alignedDy, 'p.N')}
  }
  let place = select(p.K, 0u, isX) + c;
  ${EIGHT.map(
    j => `if (first + ${j}u < p.rank) { for (var e = 0u; e < min(4u, columns - c); e++) {
    parts[(id.y * p.rank + first + ${j}u) * (p.K + p.N) + place + e] = sum${j}[e]; } }`,
  ).join('\n')}
}`;
}

/**
 * Σ over chunks of parts [chunks, rank, K + N]: the first K columns are A's gradient [rank, K], the others, transposed and
 * times scaling, B's [N, rank]. Bindings parts, dA, dB.
 */
export const BRANCH_SUM_WGSL = `struct Params { rank: u32, K: u32, N: u32, chunks: u32, scaling: f32 }
@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> dA: array<f32>;
@group(0) @binding(2) var<storage, read_write> dB: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  let n = p.rank * (p.K + p.N);
  if (i >= n) { return; }
  var sum = 0.0;
  for (var chunk = 0u; chunk < p.chunks; chunk++) { sum += parts[chunk * n + i]; }
  let j = i / (p.K + p.N);
  let c = i % (p.K + p.N);
  if (c < p.K) { dA[j * p.K + c] = sum; } else { dB[(c - p.K) * p.rank + j] = p.scaling * sum; }
}`;

/** How a product with few columns is shared out. */
export interface NarrowForm {
  /** Rows a workgroup. */
  rows: number;
  /** rank is a multiple of 4. */
  aligned: boolean;
}

/** Threads that share a row's columns. */
const THREADS = 64;

/** out = scaling · dy B, [M, rank]. Bindings dy [M, N], B [N, rank], out. Workgroups: [⌈M / rows⌉, ⌈rank / 8⌉, 1]. */
export function timesNarrowWgsl({ rows, aligned }: NarrowForm): string {
  const list = Array.from({ length: rows }, (_, r) => r);
  const four = (from: number): string =>
    aligned
      ? `B[(n * p.rank + min(first + ${from}u, p.rank - 4u)) / 4u]`
      : `vec4<f32>(${[0, 1, 2, 3].map(i => `B[n * p.rank + min(first + ${from + i}u, p.rank - 1u)]`).join(', ')})`;
  const stride = THREADS + 1;
  const sums = list.flatMap(r => EIGHT.map(j => `s${r}_${j >> 2}.${'xyzw'[j & 3]}`));
  return `struct Params { M: u32, N: u32, rank: u32, scaling: f32 }
@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> B: array<${aligned ? 'vec4<f32>' : 'f32'}>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
var<workgroup> parts: array<f32, ${sums.length * stride}>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let m0 = wg.x * ${rows}u;
  let first = wg.y * ${NARROW}u;
  ${list.map(r => `var s${r}_0 = vec4<f32>(); var s${r}_1 = vec4<f32>(); let at${r} = min(m0 + ${r}u, p.M - 1u) * p.N;`).join('\n')}
  for (var n = t; n < p.N; n += ${THREADS}u) {
    let lo = ${four(0)}; let hi = ${four(4)};
    ${list.map(r => `{ let d = vec4<f32>(dy[at${r} + n]); s${r}_0 = fma(d, lo, s${r}_0); s${r}_1 = fma(d, hi, s${r}_1); }`).join('\n')}
  }
  ${sums.map((sum, i) => `parts[${i * stride}u + t] = ${sum};`).join(' ')}
  workgroupBarrier();
  for (var i = t; i < ${sums.length}u; i += ${THREADS}u) {
    var sum = 0.0;
    for (var u = 0u; u < ${THREADS}u; u++) { sum += parts[i * ${stride}u + u]; }
    let m = m0 + i / ${NARROW}u;
    let j = first + i % ${NARROW}u;
    if (m < p.M && j < p.rank) { out[m * p.rank + j] = p.scaling * sum; }
  }
}`;
}
