/** Statistics over chunks of logits in WGSL: `width` threads share a row; 1 needs no barrier, which suits software adapters. */
import { flatIndex } from '../../fused.ts';

const PARAMS = 'struct Params { rows: u32, chunk: u32, start: u32, first: u32, temperature: f32 }';

/**
 * Folds one chunk of logits [rows, chunk] into each row's running statistics [rows, 4]: the largest logit m, Σ exp(l - m),
 * Σ exp(l - m) · l, and the target's logit. All after division by the temperature. Bindings logits, targets, stats.
 */
export function foldWgsl(width: number): string {
  const merge = `fn merge(a: vec3<f32>, b: vec3<f32>) -> vec3<f32> {
  let m = max(a.x, b.x);
  return vec3<f32>(m, a.yz * exp(a.x - m) + b.yz * exp(b.x - m));
}`;
  const head = `${PARAMS}
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> stats: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> p: Params;
${merge}`;
  const body = `
  var part = vec3<f32>(-3.0e38, 0.0, 0.0);
  for (var c = t; c < p.chunk; c += ${width}u) {
    let l = logits[row * p.chunk + c] / p.temperature;
    part = merge(part, vec3<f32>(l, 1.0, l));
  }`;
  const store = `
  var old = vec4<f32>(-3.0e38, 0.0, 0.0, 0.0);
  if (p.first == 0u) { old = stats[row]; }
  var target_logit = old.w;
  let at = targets[row];
  if (at >= p.start && at < p.start + p.chunk) {
    target_logit = logits[row * p.chunk + at - p.start] / p.temperature;
  }
  stats[row] = vec4<f32>(merge(old.xyz, part), target_logit);`;
  if (width === 1) {
    return `${head}
@compute @workgroup_size(16) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = ${flatIndex(16)};
  let t = 0u;
  if (row >= p.rows) { return; }${body}${store}
}`;
  }
  return `${head}
var<workgroup> parts: array<vec3<f32>, ${width}>;
@compute @workgroup_size(${width})
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let row = ${flatIndex(1)};
  if (row >= p.rows) { return; }${body}
  parts[t] = part;
  workgroupBarrier();
  for (var k = ${width / 2}u; k > 0u; k >>= 1u) {
    if (t < k) { parts[t] = merge(parts[t], parts[t + k]); }
    workgroupBarrier();
  }
  if (t > 0u) { return; }
  part = parts[0];${store}
}`;
}

/** out [3, rows]: log-probabilities, entropies, log-sum-exps. Bindings stats, out. */
export const FINISH_WGSL = `struct Params { rows: u32, a: u32, b: u32, c: u32 }
@group(0) @binding(0) var<storage, read> stats: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  if (row >= p.rows) { return; }
  let s = stats[row];
  let lse = s.x + log(s.y);
  out[row] = s.w - lse;
  out[p.rows + row] = lse - s.z / s.y;
  out[2u * p.rows + row] = lse;
}`;

/**
 * Turns a chunk of logits into the loss's gradient by them, in place. With p = softmax and H the entropy, it is
 * (dlogp · ([v = target] - p) - dH · p · (log p + H)) / T.
 * Bindings logits, targets, output [3, rows], dy [3, rows].
 */
export const GRAD_LOGITS_WGSL = `${PARAMS}
@group(0) @binding(0) var<storage, read_write> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> output: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.rows * p.chunk) { return; }
  let row = i / p.chunk;
  let v = p.start + i % p.chunk;
  let log_p = logits[i] / p.temperature - output[2u * p.rows + row];
  let probability = exp(log_p);
  let by_logp = dy[row] * (select(0.0, 1.0, v == targets[row]) - probability);
  let by_entropy = dy[p.rows + row] * probability * (log_p + output[p.rows + row]);
  logits[i] = (by_logp - by_entropy) / p.temperature;
}`;
