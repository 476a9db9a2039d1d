/**
 * Attention for GPUs with subgroups, otherwise as kernel.wgsl.ts: four neighbouring threads share a query (backward: a key),
 * a quarter of its dimensions each, so that queries, keys and gradients stay in registers where one thread a row would spill.
 * The threads of a workgroup read the same keys at the same time, from the first-level cache. No [queries, keys] tensor.
 */
import { bindingsWgsl } from './kernel.wgsl.ts';

/** Rows of a workgroup of 64 threads. */
export const QUAD_ROWS = 16;

/** Head sizes whose quarters are whole vec4s. */
export function quadFits(d: number): boolean {
  return d % 16 === 0 && d <= 128;
}

/**
 * Workgroups: [⌈longest / 16⌉, heads (backward: key-value heads), sequences]. Loop bounds depend on the workgroup alone, which
 * subgroup operations need. Names the sequence, this thread's row t of it (`i`), and where its quarter begins.
 */
function head(d: number, names: string[], slices = 1): string {
  return `enable subgroups;
const D = ${d / 4}u;
const PART = ${d / 16}u;
${bindingsWgsl(names, 'vec4<f32>')}
fn quad(x: f32) -> f32 { let y = x + quadSwapX(x); return y + quadSwapY(y); }
@compute @workgroup_size(${64 * slices})
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let t = index % 64u;
  let quarter = t % 4u * PART;
  let s = sequence(wg.z);
  let start = wg.x * ${QUAD_ROWS}u;
  if (start >= s.length) { return; }
  let i = start + t / 4u;
  let row = s.first + min(i, s.length - 1u);
`;
}

/** `line` for every vec4 of a thread's quarter. */
function each(d: number, line: (e: number) => string): string {
  return Array.from({ length: d / 16 }, (_, e) => line(e)).join('\n');
}

const QUERY = `let own = (row * p.heads + wg.y) * D + quarter;
  let kvHead = wg.y / (p.heads / p.kvHeads);`;

/** `body` for every key that the workgroup's queries see, at `at`; `sees` says whether this thread's does. */
function keys(body: string): string {
  return `for (var part = 0u; part < 2u; part++) {
    let mine = part == 1u;
    let first = select(s.pastFirst, s.first, mine);
    let most = select(s.pastLength, select(s.length, min(s.length, start + ${QUAD_ROWS}u), p.causal == 1u), mine);
    let hides = mine && p.causal == 1u;
    for (var j = 0u; j < most; j++) {
      let at = ((first + j) * p.kvHeads + kvHead) * D + quarter;
      let sees = !hides || j <= i;
      ${body}
    }
  }`;
}

/** Each query's log-sum-exp goes to the statistics, for the backward pass. Bindings q, k, v, out, out_stats. */
export function forwardQuadWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'out', 'out_stats'])}
  ${QUERY}
  ${each(d, e => `let query${e} = q[own + ${e}u] * p.scale; var acc${e} = vec4<f32>();`)}
  var top = -3.0e38;
  var sum = 0.0;
  ${keys(`var score = 0.0;
      ${each(d, e => `score += dot(query${e}, k[at + ${e}u]);`)}
      score = select(-3.0e38, quad(score), sees);
      let higher = max(top, score);
      let shrink = exp(top - higher);
      let weight = exp(score - higher);
      top = higher;
      sum = sum * shrink + weight;
      ${each(d, e => `acc${e} = acc${e} * shrink + weight * v[at + ${e}u];`)}`)}
  if (i >= s.length) { return; }
  ${each(d, e => `out[own + ${e}u] = acc${e} / sum;`)}
  if (quarter == 0u) { out_stats[row * p.heads + wg.y] = vec2<f32>(top + log(sum), 0.0); }
}`;
}

/** Gradient by q; adds Σ y · dy to each query's statistics, for the other pass. Bindings q, k, v, y, dy, out, out_stats. */
export function gradQueryQuadWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'y', 'dy', 'out', 'out_stats'])}
  ${QUERY}
  var dots = 0.0;
  ${each(d, e => `let query${e} = q[own + ${e}u] * p.scale; let slope${e} = dy[own + ${e}u]; var acc${e} = vec4<f32>(); dots += dot(slope${e}, y[own + ${e}u]);`)}
  dots = quad(dots);
  let lse = out_stats[row * p.heads + wg.y].x;
  ${keys(`var score = 0.0;
      var along = 0.0;
      ${each(d, e => `let key${e} = k[at + ${e}u]; score += dot(query${e}, key${e}); along += dot(slope${e}, v[at + ${e}u]);`)}
      let weight = select(0.0, exp(quad(score) - lse), sees);
      let ds = weight * (quad(along) - dots) * p.scale;
      ${each(d, e => `acc${e} += ds * key${e};`)}`)}
  if (i >= s.length) { return; }
  ${each(d, e => `out[own + ${e}u] = acc${e};`)}
  if (quarter == 0u) { out_stats[row * p.heads + wg.y].y = dots; }
}`;
}

/** Sets of 64 threads that share the queries of a key among them: a prompt's keys are few and many completions see them. */
const SLICES = 4;

/**
 * Gradients by k and v, over every query that sees the key: those of its own sequence, then those of the sequences that
 * continue it. Bindings q, k, v, dy, stats, out_k, out_v.
 */
export function gradKeyQuadWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'dy', 'stats', 'out_k', 'out_v'], SLICES)}
  let slice = index / 64u;
  let own = (row * p.kvHeads + wg.y) * D + quarter;
  let group = p.heads / p.kvHeads;
  ${each(d, e => `let key${e} = k[own + ${e}u]; let value${e} = v[own + ${e}u]; var dk${e} = vec4<f32>(); var dv${e} = vec4<f32>();`)}
  for (var head = wg.y * group; head < (wg.y + 1u) * group; head++) {
    for (var part = 0u; part <= s.continuedCount; part++) {
      let hides = part == 0u && p.causal == 1u;
      var source = s;
      if (part > 0u) { source = sequence(continuation(s, part - 1u)); }
      for (var base = select(0u, start, hides); base < source.length; base += ${SLICES}u) {
        let j = base + slice;
        let query = (source.first + min(j, source.length - 1u)) * p.heads + head;
        let at = query * D + quarter;
        var score = 0.0;
        var along = 0.0;
        ${each(d, e => `let query${e} = q[at + ${e}u]; let slope${e} = dy[at + ${e}u]; score += dot(query${e}, key${e}); along += dot(slope${e}, value${e});`)}
        let stat = stats[query];
        let sees = j < source.length && (!hides || j >= i);
        let weight = select(0.0, exp(quad(score) * p.scale - stat.x), sees);
        let ds = weight * (quad(along) - stat.y) * p.scale;
        ${each(d, e => `dk${e} += ds * query${e}; dv${e} += weight * slope${e};`)}
      }
    }
  }
  // One slice after the other, so that the sum's order, and with it every bit, is always the same.
  for (var other = 1u; other < ${SLICES}u; other++) {
    if (slice == other) { ${each(d, e => `sums[${128 * e}u + t] = dk${e}; sums[${128 * e + 64}u + t] = dv${e};`)} }
    workgroupBarrier();
    if (slice == 0u) { ${each(d, e => `dk${e} += sums[${128 * e}u + t]; dv${e} += sums[${128 * e + 64}u + t];`)} }
    workgroupBarrier();
  }
  if (slice > 0u || i >= s.length) { return; }
  ${each(d, e => `out_k[own + ${e}u] = dk${e}; out_v[own + ${e}u] = dv${e};`)}
}
var<workgroup> sums: array<vec4<f32>, ${8 * d}>;`;
}
