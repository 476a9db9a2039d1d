/**
 * Rows of floats as float16 for matrix units: each row times the power of two that brings its largest number to 2^14 … 2^15, so
 * that nothing overflows and what is lost below is less than a 2^-38th of that number, however small or large a row is.
 */
import { declareOperand, EIGHT_WGSL } from '../../packed/index.ts';

/** Threads of a workgroup, which has a row. */
const THREADS = 128;

export interface HalfRows {
  /** The columns are a multiple of 4. */
  aligned: boolean;
  /** Halves in a row are padded with zeros to a multiple of this. */
  step: number;
}

export const halfRowsKey = (o: HalfRows): string => `half-rows ${JSON.stringify(o)}`;

/**
 * Bindings x [M, K], halves [rows, ⌈K / step⌉ step], scales [rows]: x = scales · halves; rows from M on are zeros. A workgroup a
 * row; the uniform is M, K.
 */
export function halfRowsWgsl({ aligned, step }: HalfRows): string {
  return `enable f16;
struct Params { M: u32, K: u32 }
${EIGHT_WGSL}${declareOperand({ name: 'x', format: 'f32', columns: 'p.K', aligned, unit: 8 }, 0)}
@group(0) @binding(1) var<storage, read_write> halves: array<vec4<f16>>;
@group(0) @binding(2) var<storage, read_write> scales: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
var<workgroup> largest: array<f32, ${THREADS}>;
@compute @workgroup_size(${THREADS}) fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let row = wg.x;
  let eights = select(0u, (p.K + 7u) / 8u, row < p.M);
  var most = vec4<f32>();
  for (var c = t; c < eights; c += ${THREADS}u) { let x = x8(row, c); most = max(most, max(abs(x.lo), abs(x.hi))); }
  largest[t] = max(max(most.x, most.y), max(most.z, most.w));
  workgroupBarrier();
  for (var k = ${THREADS / 2}u; k > 0u; k >>= 1u) {
    if (t < k) { largest[t] = max(largest[t], largest[t + k]); }
    workgroupBarrier();
  }
  // Powers of two by their exponents' bits, kept where both of them are normal numbers.
  let exponent = clamp(268 - i32(bitcast<u32>(largest[0]) >> 23u), 1, 253);
  let up = bitcast<f32>(u32(exponent) << 23u);
  if (t == 0u) { scales[row] = bitcast<f32>(u32(254 - exponent) << 23u); }
  let all = (p.K + ${step - 1}u) / ${step}u * ${step / 8}u;
  for (var c = t; c < all; c += ${THREADS}u) {
    var x = Eight();
    if (c < eights) { x = x8(row, c); }
    halves[(row * all + c) * 2u] = vec4<f16>(x.lo * up);
    halves[(row * all + c) * 2u + 1u] = vec4<f16>(x.hi * up);
  }
}`;
}
