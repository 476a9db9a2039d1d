/**
 * Attention in WGSL without a [queries, keys] tensor: a query a thread, softmax while reading, scores computed again in the
 * backward pass (Dao et al. 2022). Registers only, no barriers; neighbouring threads read the same key at the same time.
 */

/** Head size, and whether rows can be read as vec4. */
function head(d: number, names: string[]): string {
  const vec4 = d % 4 === 0;
  const last = names.length;
  return `alias E = ${vec4 ? 'vec4<f32>' : 'f32'};
const D = ${vec4 ? d / 4 : d}u;
fn inner(a: E, b: E) -> f32 { return ${vec4 ? 'dot(a, b)' : 'a * b'}; }
struct Params { heads: u32, kvHeads: u32, queries: u32, keys: u32, causal: u32, count: u32, scale: f32 }
${names.map((name, i) => `@group(0) @binding(${i}) var<storage, ${name.startsWith('out') ? 'read_write' : 'read'}> ${name}: array<${name.endsWith('stats') ? 'vec2<f32>' : 'E'}>;`).join('\n')}
@group(0) @binding(${last}) var<uniform> p: Params;
`;
}

/** Names the query of this thread, its key-value head and how many keys it sees. */
const QUERY = `let row = id.x;
  if (row >= p.count) { return; }
  let h = (row / p.queries) % p.heads;
  let kv = ((row / p.queries) / p.heads * p.kvHeads + h / (p.heads / p.kvHeads)) * p.keys;
  let seen = select(p.keys, p.keys - p.queries + row % p.queries + 1u, p.causal == 1u);`;

const ENTRY = '@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>)';

/** Bindings q, k, v, out. */
export function forwardWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'out'])}
${ENTRY} {
  ${QUERY}
  var query: array<E, D>;
  var acc: array<E, D>;
  for (var e = 0u; e < D; e++) { query[e] = q[row * D + e] * p.scale; }
  var top = -3.0e38;
  var sum = 0.0;
  for (var j = 0u; j < seen; j++) {
    let at = (kv + j) * D;
    var score = 0.0;
    for (var e = 0u; e < D; e++) { score += inner(query[e], k[at + e]); }
    if (score > top) {
      let shrink = exp(top - score);
      sum *= shrink;
      for (var e = 0u; e < D; e++) { acc[e] *= shrink; }
      top = score;
    }
    let weight = exp(score - top);
    sum += weight;
    for (var e = 0u; e < D; e++) { acc[e] += weight * v[at + e]; }
  }
  for (var e = 0u; e < D; e++) { out[row * D + e] = acc[e] / sum; }
}`;
}

/** Gradient by q, and each query's (log-sum-exp, Σ y · dy) for the other pass. Bindings q, k, v, y, dy, out, out_stats. */
export function gradQueryWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'y', 'dy', 'out', 'out_stats'])}
${ENTRY} {
  ${QUERY}
  var query: array<E, D>;
  var slope: array<E, D>;
  var acc: array<E, D>;
  var dots = 0.0;
  for (var e = 0u; e < D; e++) {
    query[e] = q[row * D + e] * p.scale;
    slope[e] = dy[row * D + e];
    dots += inner(slope[e], y[row * D + e]);
  }
  var top = -3.0e38;
  var sum = 0.0;
  for (var j = 0u; j < seen; j++) {
    var score = 0.0;
    for (var e = 0u; e < D; e++) { score += inner(query[e], k[(kv + j) * D + e]); }
    let higher = max(top, score);
    sum = sum * exp(top - higher) + exp(score - higher);
    top = higher;
  }
  let lse = top + log(sum);
  for (var j = 0u; j < seen; j++) {
    let at = (kv + j) * D;
    var score = 0.0;
    var value = 0.0;
    for (var e = 0u; e < D; e++) {
      score += inner(query[e], k[at + e]);
      value += inner(slope[e], v[at + e]);
    }
    let ds = exp(score - lse) * (value - dots) * p.scale;
    for (var e = 0u; e < D; e++) { acc[e] += ds * k[at + e]; }
  }
  for (var e = 0u; e < D; e++) { out[row * D + e] = acc[e]; }
  out_stats[row] = vec2<f32>(lse, dots);
}`;
}

/** Gradients by k and v, a key a thread, over every query that sees it. Bindings q, k, v, dy, stats, out_k, out_v. */
export function gradKeyWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'dy', 'stats', 'out_k', 'out_v'])}
${ENTRY} {
  let row = id.x;
  if (row >= p.count) { return; }
  let j = row % p.keys;
  let kvHead = (row / p.keys) % p.kvHeads;
  let batch = row / p.keys / p.kvHeads;
  let group = p.heads / p.kvHeads;
  // The first query that sees key j stands p.keys - p.queries places before it.
  let past = p.keys - p.queries;
  let first = select(0u, select(0u, j - past, j > past), p.causal == 1u);
  var key: array<E, D>;
  var value: array<E, D>;
  var dk: array<E, D>;
  var dv: array<E, D>;
  for (var e = 0u; e < D; e++) { key[e] = k[row * D + e]; value[e] = v[row * D + e]; }
  for (var g = 0u; g < group; g++) {
    let base = (batch * p.heads + kvHead * group + g) * p.queries;
    for (var i = first; i < p.queries; i++) {
      let at = (base + i) * D;
      var score = 0.0;
      var slope = 0.0;
      for (var e = 0u; e < D; e++) {
        score += inner(q[at + e], key[e]);
        slope += inner(dy[at + e], value[e]);
      }
      let s = stats[base + i];
      let weight = exp(score * p.scale - s.x);
      let ds = weight * (slope - s.y) * p.scale;
      for (var e = 0u; e < D; e++) {
        dk[e] += ds * q[at + e];
        dv[e] += weight * dy[at + e];
      }
    }
  }
  for (var e = 0u; e < D; e++) { out_k[row * D + e] = dk[e]; out_v[row * D + e] = dv[e]; }
}`;
}
