/**
 * Attention on software adapters with quad operations, otherwise as kernel.wgsl.ts: a thread has a query (backward: a key), the
 * four of a quad are neighbours, and of each four keys (queries) every thread reads one, which the quad then swaps. SwiftShader
 * runs the four as the lanes of one vector, reads memory number by number and swaps in one instruction.
 */
import { bindingsWgsl } from './kernel.wgsl.ts';

/** Rows of a workgroup, which is a quad. */
export const SQUARE_ROWS = 4;

/** Head sizes that are whole vec4s and few enough for what the loops carry. */
export function squareFits(d: number): boolean {
  return d % 4 === 0 && d <= 64;
}

/**
 * Workgroups: [blocks, heads (backward: key-value heads)]: none is beyond a sequence's end, since SwiftShader runs what comes
 * after a return. Loop bounds depend on the workgroup alone, which quad operations need. Names the sequence and this thread's
 * row of it (`i`).
 */
function head(d: number, names: string[]): string {
  return `enable subgroups;
const D = ${d / 4}u;
${bindingsWgsl(names, 'vec4<f32>')}
@compute @workgroup_size(${SQUARE_ROWS})
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let block = p.blocks + 2u * wg.x;
  let s = sequence(sequences[block]);
  let start = sequences[block + 1u];
  let i = start + lane;
  let row = s.first + min(i, s.length - 1u);
`;
}

/** `line` for every vec4 of a row. */
function each(d: number, line: (e: number) => string): string {
  return Array.from({ length: d / 4 }, (_, e) => line(e)).join('\n');
}

/** `line` for every one of four rows that the quad has read: its thread is this one's number with the bits of `t` turned. */
function four(line: (swapped: (name: string) => string, t: number) => string): string {
  const ways = ['', 'quadSwapX', 'quadSwapY', 'quadSwapDiagonal'];
  return ways.map((way, t) => line(name => `${way}(${name})`, t)).join('\n');
}

const QUERY = `let own = (row * p.heads + wg.y) * D;
  let kvHead = wg.y / (p.heads / p.kvHeads);`;

/** `body` for every four keys that the quad's queries see, this thread's at `at`; `sees<t>` says whether its query sees the t-th. */
function keys(body: string): string {
  return `for (var part = 0u; part < 2u; part++) {
    let mine = part == 1u;
    let hides = mine && p.causal == 1u;
    let first = select(s.pastFirst, s.first, mine);
    let most = select(s.pastLength, select(s.length, min(s.length, start + ${SQUARE_ROWS}u), hides), mine);
    // Beyond the last key none is seen.
    let last = select(most, min(most, i + 1u), hides);
    for (var j = 0u; j < most; j += 4u) {
      let at = ((first + min(j + lane, most - 1u)) * p.kvHeads + kvHead) * D;
      ${four((_, t) => `let sees${t} = j + (lane ^ ${t}u) < last;`)}
      ${body}
    }
  }`;
}

/** Each query's log-sum-exp goes to the statistics, for the backward pass. Bindings q, k, v, out, out_stats. */
export function forwardSquareWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'out', 'out_stats'])}
  ${QUERY}
  ${each(d, e => `let query${e} = q[own + ${e}u] * p.scale; var acc${e} = vec4<f32>();`)}
  var top = -3.0e38;
  var sum = 0.0;
  ${keys(`${each(d, e => `let key${e} = k[at + ${e}u];`)}
      ${four((swapped, t) => `var score${t} = 0.0; ${each(d, e => `score${t} += dot(query${e}, ${swapped(`key${e}`)});`)} score${t} = select(-3.0e38, score${t}, sees${t});`)}
      let higher = max(top, max(max(score0, score1), max(score2, score3)));
      let shrink = exp(top - higher);
      ${four((_, t) => `let weight${t} = exp(score${t} - higher);`)}
      top = higher;
      sum = sum * shrink + (weight0 + weight1 + weight2 + weight3);
      ${each(d, e => `{ let value = v[at + ${e}u]; acc${e} = acc${e} * shrink ${four((swapped, t) => `+ weight${t} * ${swapped('value')}`)}; }`)}`)}
  if (i >= s.length) { return; }
  ${each(d, e => `out[own + ${e}u] = acc${e} / sum;`)}
  out_stats[row * p.heads + wg.y] = vec2<f32>(top + log(sum), 0.0);
}`;
}

/** Gradient by q; adds Σ y · dy to each query's statistics, for the other pass. Bindings q, k, v, y, dy, out, out_stats. */
export function gradQuerySquareWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'y', 'dy', 'out', 'out_stats'])}
  ${QUERY}
  var dots = 0.0;
  ${each(d, e => `let query${e} = q[own + ${e}u] * p.scale; let slope${e} = dy[own + ${e}u]; var acc${e} = vec4<f32>(); dots += dot(slope${e}, y[own + ${e}u]);`)}
  let lse = out_stats[row * p.heads + wg.y].x;
  ${keys(`${each(d, e => `let key${e} = k[at + ${e}u]; let value${e} = v[at + ${e}u];`)}
      ${four(
        (swapped, t) => `{ var score = 0.0; var along = 0.0;
        ${each(d, e => `let turned${e} = ${swapped(`key${e}`)}; score += dot(query${e}, turned${e}); along += dot(slope${e}, ${swapped(`value${e}`)});`)}
        let ds = select(0.0, exp(score - lse), sees${t}) * (along - dots) * p.scale;
        ${each(d, e => `acc${e} += ds * turned${e};`)} }`,
      )}`)}
  if (i >= s.length) { return; }
  ${each(d, e => `out[own + ${e}u] = acc${e};`)}
  out_stats[row * p.heads + wg.y].y = dots;
}`;
}

/**
 * Gradients by k and v, over every query that sees the key: those of its own sequence, then those of the sequences that
 * continue it. Bindings q, k, v, dy, stats, out_k, out_v.
 */
export function gradKeySquareWgsl(d: number): string {
  return `${head(d, ['q', 'k', 'v', 'dy', 'stats', 'out_k', 'out_v'])}
  let own = (row * p.kvHeads + wg.y) * D;
  let group = p.heads / p.kvHeads;
  ${each(d, e => `let key${e} = k[own + ${e}u]; let value${e} = v[own + ${e}u]; var dk${e} = vec4<f32>(); var dv${e} = vec4<f32>();`)}
  for (var head = wg.y * group; head < (wg.y + 1u) * group; head++) {
    for (var part = 0u; part <= s.continuedCount; part++) {
      let hides = part == 0u && p.causal == 1u;
      var source = s;
      if (part > 0u) { source = sequence(continuation(s, part - 1u)); }
      for (var j = select(0u, start, hides); j < source.length; j += 4u) {
        let query = (source.first + min(j + lane, source.length - 1u)) * p.heads + head;
        let at = query * D;
        ${each(d, e => `let query${e} = q[at + ${e}u]; let slope${e} = dy[at + ${e}u];`)}
        let stat = stats[query];
        ${four(
          (
            swapped,
            t,
          ) => `{ let other = j + (lane ^ ${t}u); let seen = other < source.length && (!hides || other >= i);
          var score = 0.0; var along = 0.0;
          ${each(d, e => `let turned${e} = ${swapped(`query${e}`)}; let turn${e} = ${swapped(`slope${e}`)}; score += dot(turned${e}, key${e}); along += dot(turn${e}, value${e});`)}
          let of_query = ${swapped('stat')};
          let weight = select(0.0, exp(score * p.scale - of_query.x), seen);
          let ds = weight * (along - of_query.y) * p.scale;
          ${each(d, e => `dk${e} += ds * turned${e}; dv${e} += weight * turn${e};`)} }`,
        )}
      }
    }
  }
  if (i >= s.length) { return; }
  ${each(d, e => `out_k[own + ${e}u] = dk${e}; out_v[own + ${e}u] = dv${e};`)}
}`;
}
