/** Rotary embedding in WGSL. */
import { flatIndex } from '../../fused.ts';

/**
 * One element a thread; the row of cos and sin for batch b and time t is b · rowsB + t · rowsT.
 * `backward` applies the transposed rotation. Bindings x, cos, sin, y.
 */
export function rotaryWgsl(backward: boolean): string {
  return `struct Params { n: u32, perBatch: u32, T: u32, D: u32, rowsB: u32, rowsT: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> cosines: array<f32>;
@group(0) @binding(2) var<storage, read> sines: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.n) { return; }
  let e = i % p.D;
  let t = (i / p.D) % p.T;
  let row = ((i / p.perBatch) * p.rowsB + t * p.rowsT) * p.D;
  let first = e < p.D / 2u;
  let partner = select(i - p.D / 2u, i + p.D / 2u, first);
  let angle = row + ${backward ? 'select(e - p.D / 2u, e + p.D / 2u, first)' : 'e'};
  let sign = select(1.0, -1.0, first);
  y[i] = x[i] * cosines[row + e] ${backward ? '-' : '+'} sign * x[partner] * sines[angle];
}`;
}
