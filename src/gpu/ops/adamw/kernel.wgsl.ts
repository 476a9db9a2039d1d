/** AdamW in WGSL, in place, and the sums of squares that its clipping needs. */
import { flatIndex } from '../../fused.ts';

/** c1 and c2 are the bias corrections 1 / (1 - βᵗ). Bindings w, g, m, v. */
export const ADAMW_WGSL = `
struct Params { n: u32, lr: f32, b1: f32, b2: f32, eps: f32, decay: f32, c1: f32, c2: f32, scale: f32 }
@group(0) @binding(0) var<storage, read_write> w: array<f32>;
@group(0) @binding(1) var<storage, read> g: array<f32>;
@group(0) @binding(2) var<storage, read_write> m: array<f32>;
@group(0) @binding(3) var<storage, read_write> v: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.n) { return; }
  let x = g[i] * p.scale;
  let mean = p.b1 * m[i] + (1.0 - p.b1) * x;
  let square = p.b2 * v[i] + (1.0 - p.b2) * x * x;
  m[i] = mean;
  v[i] = square;
  w[i] = w[i] * (1.0 - p.lr * p.decay) - p.lr * mean * p.c1 / (sqrt(square * p.c2) + p.eps);
}`;

/** out[first + t] = Σ x[t + j · parts]², a part a thread; neighbouring threads read neighbouring elements. Bindings x, out. */
export const SUM_SQUARES_WGSL = `
struct Params { n: u32, parts: u32, first: u32, a: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let t = ${flatIndex()};
  if (t >= p.parts) { return; }
  var sum = 0.0;
  for (var i = t; i < p.n; i += p.parts) { sum += x[i] * x[i]; }
  out[p.first + t] = sum;
}`;
