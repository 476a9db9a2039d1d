/** The gradient by a LoRA matrix: a product of two tall matrices of which one is a few columns wide. */
import { flatIndex } from '../../fused.ts';

/** Columns of the narrow matrix that a thread sums. */
export const NARROW = 8;

/** Rows of [M, …] that a thread sums. */
export const SUM_ROWS = 32;

/**
 * parts[chunk, j, c] = Σ over the chunk's rows m of low[m, j] · x[m, c], for eight j and four c a thread; any sizes.
 * Bindings low [M, rank], x [M, columns], parts. Workgroups: [⌈columns / 256⌉, ⌈M / SUM_ROWS⌉, ⌈rank / 8⌉].
 */
export function skinnyWgsl(aligned: boolean): string {
  const eight = Array.from({ length: NARROW }, (_, j) => j);
  const read = aligned
    ? 'x[(m * p.columns + c) / 4u]'
    : `vec4<f32>(${[0, 1, 2, 3].map(i => `x[m * p.columns + min(c + ${i}u, p.columns - 1u)]`).join(', ')})`;
  return `struct Params { M: u32, rank: u32, columns: u32, a: u32 }
@group(0) @binding(0) var<storage, read> low: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<${aligned ? 'vec4<f32>' : 'f32'}>;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x * 4u;
  if (c >= p.columns) { return; }
  let first = id.z * ${NARROW}u;
  ${eight.map(j => `let j${j} = min(first + ${j}u, p.rank - 1u); var sum${j} = vec4<f32>();`).join('\n')}
  for (var m = id.y * ${SUM_ROWS}u; m < min(p.M, (id.y + 1u) * ${SUM_ROWS}u); m++) {
    let v = ${read};
    ${eight.map(j => `sum${j} = fma(vec4<f32>(low[m * p.rank + j${j}]), v, sum${j});`).join('\n')}
  }
  ${eight
    .map(
      j => `if (first + ${j}u < p.rank) { for (var e = 0u; e < min(4u, p.columns - c); e++) {
    parts[(id.y * p.rank + first + ${j}u) * p.columns + c + e] = sum${j}[e]; } }`,
    )
    .join('\n')}
}`;
}

/**
 * out = scaling · Σ over chunks of parts, [rank, columns], or its transpose with `flip` 1. Bindings parts, out.
 */
export const SKINNY_SUM_WGSL = `struct Params { rank: u32, columns: u32, chunks: u32, flip: u32, scaling: f32 }
@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  let n = p.rank * p.columns;
  if (i >= n) { return; }
  var sum = 0.0;
  for (var chunk = 0u; chunk < p.chunks; chunk++) { sum += parts[chunk * n + i]; }
  let flipped = i % p.columns * p.rank + i / p.columns;
  out[select(i, flipped, p.flip == 1u)] = p.scaling * sum;
}`;
