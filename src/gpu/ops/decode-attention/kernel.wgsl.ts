/** Decode attention and cache copies in WGSL. */

/** Row i of the output is row rows[i] of the input. */
export const FORK_WGSL = `
struct Params { row: u32, a: u32, b: u32, c: u32 }
@group(0) @binding(0) var<storage, read> src: array<f32>;
@group(0) @binding(1) var<storage, read_write> dst: array<f32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<uniform> p: Params;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.row) { return; }
  dst[id.y * p.row + id.x] = src[rows[id.y] * p.row + id.x];
}`;

const HEAD = (d: number): string => `
const D = ${d}u;
struct Params { heads: u32, kvHeads: u32, capacity: u32, pairs: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> cacheK: array<f32>;
@group(0) @binding(4) var<storage, read_write> cacheV: array<f32>;
@group(0) @binding(5) var<storage, read> positions: array<u32>;
@group(0) @binding(6) var<storage, read_write> out: array<f32>;
@group(0) @binding(7) var<uniform> p: Params;
`;

/** One invocation a head: no barriers, which software adapters pay dearly for. */
export function decodeSoftwareWgsl(d: number): string {
  return `${HEAD(d)}
@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let pair = id.x;
  if (pair >= p.pairs) { return; }
  let s = pair / p.heads;
  let h = pair % p.heads;
  let group = p.heads / p.kvHeads;
  let kv = s * p.kvHeads + h / group;
  let last = positions[s];
  let base = kv * p.capacity * D;
  var query: array<f32, D>;
  var acc: array<f32, D>;
  var dot0 = 0.0;
  for (var i = 0u; i < D; i++) {
    query[i] = q[pair * D + i] * p.scale;
    // The new token's key and value come from the arguments: another head may not have written them yet.
    dot0 += query[i] * k[kv * D + i];
    acc[i] = v[kv * D + i];
  }
  var top = dot0;
  var sum = 1.0;
  for (var j = 0u; j < last; j++) {
    let row = base + j * D;
    var score = 0.0;
    for (var i = 0u; i < D; i++) { score += query[i] * cacheK[row + i]; }
    if (score > top) {
      let shrink = exp(top - score);
      sum *= shrink;
      for (var i = 0u; i < D; i++) { acc[i] *= shrink; }
      top = score;
    }
    let weight = exp(score - top);
    sum += weight;
    for (var i = 0u; i < D; i++) { acc[i] += weight * cacheV[row + i]; }
  }
  for (var i = 0u; i < D; i++) { out[pair * D + i] = acc[i] / sum; }
  if (h % group == 0u) {
    for (var i = 0u; i < D; i++) {
      cacheK[base + last * D + i] = k[kv * D + i];
      cacheV[base + last * D + i] = v[kv * D + i];
    }
  }
}`;
}

/** One workgroup of W a head: a tile of W keys is scored by a thread each, then a thread each sums a dimension of the values. */
export function decodeWgsl(d: number, w: number): string {
  const perThread = Math.ceil(d / w);
  return `${HEAD(d)}
const W = ${w}u;
var<workgroup> scores: array<f32, ${w}>;
var<workgroup> query: array<f32, ${d}>;
@compute @workgroup_size(${w})
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let pair = wg.x;
  let s = pair / p.heads;
  let h = pair % p.heads;
  let group = p.heads / p.kvHeads;
  let kv = s * p.kvHeads + h / group;
  let last = positions[s];
  let base = kv * p.capacity * D;
  for (var i = t; i < D; i += W) { query[i] = q[pair * D + i] * p.scale; }
  workgroupBarrier();
  var acc: array<f32, ${perThread}>;
  var top = -3.0e38;
  var sum = 0.0;
  let tiles = last / W + 1u;
  for (var tile = 0u; tile < tiles; tile++) {
    let j = tile * W + t;
    var score = -3.0e38;
    if (j < last) {
      score = 0.0;
      for (var i = 0u; i < D; i++) { score += query[i] * cacheK[base + j * D + i]; }
    } else if (j == last) {
      // The new token's key and value come from the arguments: another workgroup may not have written them yet.
      score = 0.0;
      for (var i = 0u; i < D; i++) { score += query[i] * k[kv * D + i]; }
    }
    scores[t] = score;
    workgroupBarrier();
    let count = min(W, last + 1u - tile * W);
    var tileTop = top;
    for (var n = 0u; n < count; n++) { tileTop = max(tileTop, scores[n]); }
    let shrink = exp(top - tileTop);
    top = tileTop;
    sum *= shrink;
    for (var c = 0u; c < ${perThread}u; c++) { acc[c] *= shrink; }
    for (var n = 0u; n < count; n++) {
      let weight = exp(scores[n] - top);
      sum += weight;
      let at = tile * W + n;
      for (var c = 0u; c < ${perThread}u; c++) {
        let i = c * W + t;
        if (i < D) {
          if (at == last) { acc[c] += weight * v[kv * D + i]; }
          else { acc[c] += weight * cacheV[base + at * D + i]; }
        }
      }
    }
    workgroupBarrier();
  }
  for (var c = 0u; c < ${perThread}u; c++) {
    let i = c * W + t;
    if (i < D) {
      out[pair * D + i] = acc[c] / sum;
      if (h % group == 0u) {
        cacheK[base + last * D + i] = k[kv * D + i];
        cacheV[base + last * D + i] = v[kv * D + i];
      }
    }
  }
}`;
}
