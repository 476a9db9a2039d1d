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

/** `line` for every element of a row. Written out, since SwiftShader spills an array that a loop indexes to memory. */
function each(d: number, line: (e: number) => string): string {
  return Array.from({ length: d % 4 === 0 ? d / 4 : d }, (_, e) => line(e)).join('\n');
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
  ${each(d, e => `var query${e} = E();`)}
  ${each(d, e => `var acc${e} = E();`)}
  ${each(d, e => `query${e} = q[row * D + ${e}u] * p.scale;`)}
  var top = -3.0e38;
  var sum = 0.0;
  for (var j = 0u; j < seen; j++) {
    let at = (kv + j) * D;
    var score = 0.0;
    ${each(d, e => `score += inner(query${e}, k[at + ${e}u]);`)}
    if (score > top) {
      let shrink = exp(top - score);
      sum *= shrink;
      ${each(d, e => `acc${e} *= shrink;`)}
      top = score;
    }
    let weight = exp(score - top);
    sum += weight;
    ${each(d, e => `acc${e} += weight * v[at + ${e}u];`)}
  }
  ${each(d, e => `out[row * D + ${e}u] = acc${e} / sum;`)}
}`;
}

/** Gradient by q, and each query's (log-sum-exp, Σ y · dy) for the other pass. Bindings q, k, v, y, dy, out, out_stats. */
export function gradQueryWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'y', 'dy', 'out', 'out_stats'])}
${ENTRY} {
  ${QUERY}
  ${each(d, e => `var query${e} = E();`)}
  ${each(d, e => `var slope${e} = E();`)}
  ${each(d, e => `var acc${e} = E();`)}
  var dots = 0.0;
  ${each(d, e => `query${e} = q[row * D + ${e}u] * p.scale; slope${e} = dy[row * D + ${e}u]; dots += inner(slope${e}, y[row * D + ${e}u]);`)}
  var top = -3.0e38;
  var sum = 0.0;
  for (var j = 0u; j < seen; j++) {
    var score = 0.0;
    ${each(d, e => `score += inner(query${e}, k[(kv + j) * D + ${e}u]);`)}
    let higher = max(top, score);
    sum = sum * exp(top - higher) + exp(score - higher);
    top = higher;
  }
  let lse = top + log(sum);
  for (var j = 0u; j < seen; j++) {
    let at = (kv + j) * D;
    var score = 0.0;
    var along = 0.0;
    ${each(d, e => `score += inner(query${e}, k[at + ${e}u]); along += inner(slope${e}, v[at + ${e}u]);`)}
    let ds = exp(score - lse) * (along - dots) * p.scale;
    ${each(d, e => `acc${e} += ds * k[at + ${e}u];`)}
  }
  ${each(d, e => `out[row * D + ${e}u] = acc${e};`)}
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
  ${each(d, e => `var key${e} = E();`)}
  ${each(d, e => `var value${e} = E();`)}
  ${each(d, e => `var dk${e} = E();`)}
  ${each(d, e => `var dv${e} = E();`)}
  ${each(d, e => `key${e} = k[row * D + ${e}u]; value${e} = v[row * D + ${e}u];`)}
  for (var g = 0u; g < group; g++) {
    let base = (batch * p.heads + kvHead * group + g) * p.queries;
    for (var i = first; i < p.queries; i++) {
      let at = (base + i) * D;
      var score = 0.0;
      var along = 0.0;
      ${each(d, e => `score += inner(q[at + ${e}u], key${e}); along += inner(dy[at + ${e}u], value${e});`)}
      let s = stats[base + i];
      let weight = exp(score * p.scale - s.x);
      let ds = weight * (along - s.y) * p.scale;
      ${each(d, e => `dk${e} += ds * q[at + ${e}u]; dv${e} += weight * dy[at + ${e}u];`)}
    }
  }
  ${each(d, e => `out_k[row * D + ${e}u] = dk${e}; out_v[row * D + ${e}u] = dv${e};`)}
}`;
}
