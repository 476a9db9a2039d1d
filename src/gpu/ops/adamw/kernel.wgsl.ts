/** AdamW in WGSL, in place, and what clips its gradients: sums of squares, and the factor from them. */
import { flatIndex } from '../../fused.ts';

/**
 * c1 and c2 are the bias corrections 1 / (1 - βᵗ). Bindings w, g, m, v and, with `clipped`, what CLIP_WGSL gives: where its
 * sums are not finite nothing changes. That is seen by their bits, because WGSL lets a compiler assume that no float is NaN.
 */
export function adamWWgsl(clipped: boolean): string {
  return `
struct Params { n: u32, lr: f32, b1: f32, b2: f32, eps: f32, decay: f32, c1: f32, c2: f32, scale: f32 }
@group(0) @binding(0) var<storage, read_write> w: array<f32>;
@group(0) @binding(1) var<storage, read> g: array<f32>;
@group(0) @binding(2) var<storage, read_write> m: array<f32>;
@group(0) @binding(3) var<storage, read_write> v: array<f32>;
${clipped ? '@group(0) @binding(4) var<storage, read> clip: array<u32>;' : ''}
@group(0) @binding(${clipped ? 5 : 4}) var<uniform> p: Params;
fn finite(bits: u32) -> bool { return (bits & 0x7f800000u) != 0x7f800000u; }
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.n) { return; }
  ${clipped ? 'if (!finite(clip[0]) || !finite(clip[2])) { return; }' : ''}
  let x = g[i] * p.scale${clipped ? ' * bitcast<f32>(clip[1])' : ''};
  let mean = p.b1 * m[i] + (1.0 - p.b1) * x;
  let square = p.b2 * v[i] + (1.0 - p.b2) * x * x;
  m[i] = mean;
  v[i] = square;
  w[i] = w[i] * (1.0 - p.lr * p.decay) - p.lr * mean * p.c1 / (sqrt(square * p.c2) + p.eps);
}`;
}

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

const CLIP_WIDTH = 256;

/**
 * Bindings parts, clip: [norm, factor, rest], the norm √Σ of the first parts, min(1, maxNorm / (norm + ε)) or 1, and the sum of
 * the other parts. One workgroup, on software adapters too: it is one dispatch a step.
 */
export const CLIP_WGSL = `
struct Params { grads: u32, all: u32, maxNorm: f32, epsilon: f32 }
@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> clip: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
var<workgroup> sums: array<vec2<f32>, ${CLIP_WIDTH}>;
@compute @workgroup_size(${CLIP_WIDTH}) fn main(@builtin(local_invocation_index) t: u32) {
  var sum = vec2<f32>();
  for (var i = t; i < p.grads; i += ${CLIP_WIDTH}u) { sum.x += parts[i]; }
  for (var i = p.grads + t; i < p.all; i += ${CLIP_WIDTH}u) { sum.y += parts[i]; }
  sums[t] = sum;
  workgroupBarrier();
  for (var n = ${CLIP_WIDTH / 2}u; n > 0u; n >>= 1u) {
    if (t < n) { sums[t] += sums[t + n]; }
    workgroupBarrier();
  }
  if (t > 0u) { return; }
  let norm = sqrt(sums[0].x);
  clip[0] = norm;
  clip[1] = select(min(1.0, p.maxNorm / (norm + p.epsilon)), 1.0, p.maxNorm == 0.0);
  clip[2] = sums[0].y;
}`;
