/**
 * Attention in WGSL without a [queries, keys] tensor: a head of a row a thread, softmax while reading, scores computed again in
 * the backward pass (Dao et al. 2022). Registers only, no barriers; neighbouring threads read the same key at the same time.
 */
import { flatIndex } from '../../fused.ts';
import { sequencesWgsl } from '../token-sequences.ts';

/** Of all forms. `count`: sequences; `blocks`: where in their table the blocks of `square.wgsl.ts` begin. */
export const PARAMS = `struct Params { rows: u32, heads: u32, kvHeads: u32, count: u32, causal: u32, scale: f32, blocks: u32 }`;

/** Tensors `names` of elements `element`, the table of sequences and the uniform, in this order. */
export function bindingsWgsl(names: string[], element: string): string {
  const access = (name: string): string => (name.startsWith('out') ? 'read_write' : 'read');
  const type = (name: string): string => (name.endsWith('stats') ? 'vec2<f32>' : element);
  const tensors = names.map(
    (name, i) => `@group(0) @binding(${i}) var<storage, ${access(name)}> ${name}: array<${type(name)}>;`,
  );
  return `${PARAMS}
${tensors.join('\n')}
${sequencesWgsl(names.length)}
@group(0) @binding(${names.length + 1}) var<uniform> p: Params;
`;
}

/** Head size, and whether rows can be read as vec4. */
function head(d: number, names: string[]): string {
  const vec4 = d % 4 === 0;
  return `alias E = ${vec4 ? 'vec4<f32>' : 'f32'};
const D = ${vec4 ? d / 4 : d}u;
fn inner(a: E, b: E) -> f32 { return ${vec4 ? 'dot(a, b)' : 'a * b'}; }
${bindingsWgsl(names, 'E')}`;
}

/** `line` for every element of a row. Written out, since SwiftShader spills an array that a loop indexes to memory. */
function each(d: number, line: (e: number) => string): string {
  return Array.from({ length: d % 4 === 0 ? d / 4 : d }, (_, e) => line(e)).join('\n');
}

const ENTRY = '@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>)';

/** Names the row, its sequence, its head and where that lies in q. */
const QUERY = `let thread = ${flatIndex()};
  if (thread >= p.rows * p.heads) { return; }
  let row = thread % p.rows;
  let head = thread / p.rows;
  let own = (row * p.heads + head) * D;
  let kvHead = head / (p.heads / p.kvHeads);
  let s = sequence(sequenceOf(row, p.count));`;

/** `body` for every key that the query sees, at `at`: first of what its sequence continues, then of its own. */
function keys(body: string): string {
  return `for (var part = 0u; part < 2u; part++) {
    let mine = part == 1u;
    let first = select(s.pastFirst, s.first, mine);
    let end = select(s.pastFirst + s.pastLength, select(s.first + s.length, row + 1u, p.causal == 1u), mine);
    for (var j = first; j < end; j++) {
      let at = (j * p.kvHeads + kvHead) * D;
      ${body}
    }
  }`;
}

/** Each query's log-sum-exp goes to the statistics, for the backward pass. Bindings q, k, v, out, out_stats. */
export function forwardWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'out', 'out_stats'])}
${ENTRY} {
  ${QUERY}
  ${each(d, e => `var query${e} = E();`)}
  ${each(d, e => `var acc${e} = E();`)}
  ${each(d, e => `query${e} = q[own + ${e}u] * p.scale;`)}
  var top = -3.0e38;
  var sum = 0.0;
  ${keys(`var score = 0.0;
      ${each(d, e => `score += inner(query${e}, k[at + ${e}u]);`)}
      if (score > top) {
        let shrink = exp(top - score);
        sum *= shrink;
        ${each(d, e => `acc${e} *= shrink;`)}
        top = score;
      }
      let weight = exp(score - top);
      sum += weight;
      ${each(d, e => `acc${e} += weight * v[at + ${e}u];`)}`)}
  ${each(d, e => `out[own + ${e}u] = acc${e} / sum;`)}
  out_stats[row * p.heads + head] = vec2<f32>(top + log(sum), 0.0);
}`;
}

/** Gradient by q; adds Σ y · dy to each query's statistics, for the other pass. Bindings q, k, v, y, dy, out, out_stats. */
export function gradQueryWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'y', 'dy', 'out', 'out_stats'])}
${ENTRY} {
  ${QUERY}
  ${each(d, e => `var query${e} = E();`)}
  ${each(d, e => `var slope${e} = E();`)}
  ${each(d, e => `var acc${e} = E();`)}
  var dots = 0.0;
  ${each(d, e => `query${e} = q[own + ${e}u] * p.scale; slope${e} = dy[own + ${e}u]; dots += inner(slope${e}, y[own + ${e}u]);`)}
  let lse = out_stats[row * p.heads + head].x;
  ${keys(`var score = 0.0;
      var along = 0.0;
      ${each(d, e => `score += inner(query${e}, k[at + ${e}u]); along += inner(slope${e}, v[at + ${e}u]);`)}
      let ds = exp(score - lse) * (along - dots) * p.scale;
      ${each(d, e => `acc${e} += ds * k[at + ${e}u];`)}`)}
  ${each(d, e => `out[own + ${e}u] = acc${e};`)}
  out_stats[row * p.heads + head].y = dots;
}`;
}

/**
 * Gradients by k and v, a key a thread, over every query that sees it: those of its own sequence, then those of the sequences
 * that continue it. Bindings q, k, v, dy, stats, out_k, out_v.
 */
export function gradKeyWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'dy', 'stats', 'out_k', 'out_v'])}
${ENTRY} {
  let thread = ${flatIndex()};
  if (thread >= p.rows * p.kvHeads) { return; }
  let row = thread % p.rows;
  let kvHead = thread / p.rows;
  let own = (row * p.kvHeads + kvHead) * D;
  let group = p.heads / p.kvHeads;
  let s = sequence(sequenceOf(row, p.count));
  ${each(d, e => `var key${e} = E();`)}
  ${each(d, e => `var value${e} = E();`)}
  ${each(d, e => `var dk${e} = E();`)}
  ${each(d, e => `var dv${e} = E();`)}
  ${each(d, e => `key${e} = k[own + ${e}u]; value${e} = v[own + ${e}u];`)}
  for (var head = kvHead * group; head < (kvHead + 1u) * group; head++) {
    for (var part = 0u; part <= s.continuedCount; part++) {
      var source = s;
      if (part > 0u) { source = sequence(continuation(s, part - 1u)); }
      let first = select(source.first, row, part == 0u && p.causal == 1u);
      for (var i = first; i < source.first + source.length; i++) {
        let query = i * p.heads + head;
        let at = query * D;
        var score = 0.0;
        var along = 0.0;
        ${each(d, e => `score += inner(q[at + ${e}u], key${e}); along += inner(dy[at + ${e}u], value${e});`)}
        let stat = stats[query];
        let weight = exp(score * p.scale - stat.x);
        let ds = weight * (along - stat.y) * p.scale;
        ${each(d, e => `dk${e} += ds * q[at + ${e}u]; dv${e} += weight * dy[at + ${e}u];`)}
      }
    }
  }
  ${each(d, e => `out_k[own + ${e}u] = dk${e}; out_v[own + ${e}u] = dv${e};`)}
}`;
}
