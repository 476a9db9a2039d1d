/**
 * Attention for GPUs with subgroups, otherwise as kernel.wgsl.ts: four neighbouring threads share a query (backward: a key),
 * a quarter of its dimensions each, so that queries, keys and gradients stay in registers where one thread a row would spill.
 * The threads of a workgroup read the same keys at the same time, from the first-level cache. No [queries, keys] tensor.
 */

/** Rows of a workgroup of 64 threads. */
export const QUAD_ROWS = 16;

/** Head sizes whose quarters are whole vec4s. */
export function quadFits(d: number): boolean {
  return d % 16 === 0 && d <= 128;
}

function head(d: number, names: string[]): string {
  return `enable subgroups;
const D = ${d / 4}u;
const PART = ${d / 16}u;
struct Params { heads: u32, kvHeads: u32, queries: u32, keys: u32, causal: u32, count: u32, scale: f32 }
${names.map((name, i) => `@group(0) @binding(${i}) var<storage, ${name.startsWith('out') ? 'read_write' : 'read'}> ${name}: array<${name.endsWith('stats') ? 'vec2<f32>' : 'vec4<f32>'}>;`).join('\n')}
@group(0) @binding(${names.length}) var<uniform> p: Params;
fn quad(x: f32) -> f32 { let y = x + quadSwapX(x); return y + quadSwapY(y); }
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let part = t % 4u * PART;
  let past = p.keys - p.queries;
`;
}

/** `line` for every vec4 of a thread's quarter. */
function each(d: number, line: (e: number) => string): string {
  return Array.from({ length: d / 16 }, (_, e) => line(e)).join('\n');
}

/**
 * Names the query, its place in q, its key-value head and the keys it sees. Loop bounds depend on the workgroup alone, which
 * subgroup operations need. Workgroups: [⌈queries / 16⌉, batch · heads, 1].
 */
const QUERY = `let i = wg.x * ${QUAD_ROWS}u + t / 4u;
  let row = wg.y * p.queries + min(i, p.queries - 1u);
  let own = row * D + part;
  let kv = (wg.y / p.heads * p.kvHeads + wg.y % p.heads / (p.heads / p.kvHeads)) * p.keys;
  let seen = select(p.keys, past + min(i, p.queries - 1u) + 1u, p.causal == 1u);
  let most = select(p.keys, min(p.keys, past + (wg.x + 1u) * ${QUAD_ROWS}u), p.causal == 1u);`;

/** Bindings q, k, v, out. */
export function forwardQuadWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'out'])}
  ${QUERY}
  ${each(d, e => `let query${e} = q[own + ${e}u] * p.scale; var acc${e} = vec4<f32>();`)}
  var top = -3.0e38;
  var sum = 0.0;
  for (var j = 0u; j < most; j++) {
    let at = (kv + j) * D + part;
    var score = 0.0;
    ${each(d, e => `score += dot(query${e}, k[at + ${e}u]);`)}
    score = select(-3.0e38, quad(score), j < seen);
    let higher = max(top, score);
    let shrink = exp(top - higher);
    let weight = exp(score - higher);
    top = higher;
    sum = sum * shrink + weight;
    ${each(d, e => `acc${e} = acc${e} * shrink + weight * v[at + ${e}u];`)}
  }
  if (i >= p.queries) { return; }
  ${each(d, e => `out[own + ${e}u] = acc${e} / sum;`)}
}`;
}

/** Gradient by q, and each query's (log-sum-exp, Σ y · dy) for the other pass. Bindings q, k, v, y, dy, out, out_stats. */
export function gradQueryQuadWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'y', 'dy', 'out', 'out_stats'])}
  ${QUERY}
  var dots = 0.0;
  ${each(d, e => `let query${e} = q[own + ${e}u] * p.scale; let slope${e} = dy[own + ${e}u]; var acc${e} = vec4<f32>(); dots += dot(slope${e}, y[own + ${e}u]);`)}
  dots = quad(dots);
  var top = -3.0e38;
  var sum = 0.0;
  for (var j = 0u; j < most; j++) {
    let at = (kv + j) * D + part;
    var score = 0.0;
    ${each(d, e => `score += dot(query${e}, k[at + ${e}u]);`)}
    score = select(-3.0e38, quad(score), j < seen);
    let higher = max(top, score);
    sum = sum * exp(top - higher) + exp(score - higher);
    top = higher;
  }
  let lse = top + log(sum);
  for (var j = 0u; j < most; j++) {
    let at = (kv + j) * D + part;
    var score = 0.0;
    var along = 0.0;
    ${each(d, e => `let key${e} = k[at + ${e}u]; score += dot(query${e}, key${e}); along += dot(slope${e}, v[at + ${e}u]);`)}
    let weight = select(0.0, exp(quad(score) - lse), j < seen);
    let ds = weight * (quad(along) - dots) * p.scale;
    ${each(d, e => `acc${e} += ds * key${e};`)}
  }
  if (i >= p.queries) { return; }
  ${each(d, e => `out[own + ${e}u] = acc${e};`)}
  if (part == 0u) { out_stats[row] = vec2<f32>(lse, dots); }
}`;
}

/**
 * Gradients by k and v, over every query that sees the key. Bindings q, k, v, dy, stats, out_k, out_v.
 * Workgroups: [⌈keys / 16⌉, batch · kvHeads, 1].
 */
export function gradKeyQuadWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'dy', 'stats', 'out_k', 'out_v'])}
  let j = wg.x * ${QUAD_ROWS}u + t / 4u;
  let own = (wg.y * p.keys + min(j, p.keys - 1u)) * D + part;
  let group = p.heads / p.kvHeads;
  // Query i sees keys up to past + i.
  let least = select(0u, wg.x * ${QUAD_ROWS}u - min(past, wg.x * ${QUAD_ROWS}u), p.causal == 1u);
  ${each(d, e => `let key${e} = k[own + ${e}u]; let value${e} = v[own + ${e}u]; var dk${e} = vec4<f32>(); var dv${e} = vec4<f32>();`)}
  for (var g = 0u; g < group; g++) {
    let base = (wg.y / p.kvHeads * p.heads + wg.y % p.kvHeads * group + g) * p.queries;
    for (var i = least; i < p.queries; i++) {
      let at = (base + i) * D + part;
      var score = 0.0;
      var along = 0.0;
      ${each(d, e => `let query${e} = q[at + ${e}u]; let slope${e} = dy[at + ${e}u]; score += dot(query${e}, key${e}); along += dot(slope${e}, value${e});`)}
      let s = stats[base + i];
      let sees = p.causal == 0u || past + i >= j;
      let weight = select(0.0, exp(quad(score) * p.scale - s.x), sees);
      let ds = weight * (quad(along) - s.y) * p.scale;
      ${each(d, e => `dk${e} += ds * query${e}; dv${e} += weight * slope${e};`)}
    }
  }
  if (j >= p.keys) { return; }
  ${each(d, e => `out_k[own + ${e}u] = dk${e}; out_v[own + ${e}u] = dv${e};`)}
}`;
}
