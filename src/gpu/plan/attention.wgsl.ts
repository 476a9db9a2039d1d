/**
 * One decode step of attention in one dispatch: normalises and rotates this token's query and key, writes key and value into
 * their page, and attends over the sequence's pages. A workgroup a head; on a software adapter a thread a head, no barrier.
 */
import { frameWgsl, PAGE } from './frame.wgsl.ts';

export interface StepAttention {
  heads: number;
  keyValueHeads: number;
  headSize: number;
  eps: number;
  /** Threads of a workgroup; 1 for a thread a head. */
  width: number;
}

/** Pages of keys and of values are [pages, keyValueHeads, PAGE, headSize]; `rope` is [positions, headSize / 2] of (cos, sin). */
export const ATTENTION_BINDINGS = ['qkv', 'qGain', 'kGain', 'rope', 'state', 'keys', 'values', 'out'];

export function stepAttentionKey(o: StepAttention): string {
  return `plan-attention ${JSON.stringify(o)}`;
}

const ALONE = 4;

export function stepAttentionGroups(o: StepAttention, sequences: number): [number, number, number] {
  const pairs = sequences * o.heads;
  return [o.width === 1 ? Math.ceil(pairs / ALONE) : pairs, 1, 1];
}

export function stepAttentionWgsl(o: StepAttention): string {
  const { heads: H, keyValueHeads: KV, headSize: D } = o;
  const element = o.width > 1 && D % 4 === 0 ? 'vec4<f32>' : 'f32';
  const declarations = `${frameWgsl(ATTENTION_BINDINGS.length, { binding: 4, access: 'read' })}
@group(0) @binding(0) var<storage, read> qkv: array<f32>;
@group(0) @binding(1) var<storage, read> qGain: array<f32>;
@group(0) @binding(2) var<storage, read> kGain: array<f32>;
@group(0) @binding(3) var<storage, read> rope: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read_write> keys: array<${element}>;
@group(0) @binding(6) var<storage, read_write> values: array<${element}>;
@group(0) @binding(7) var<storage, read_write> out: array<f32>;
const D = ${D}u;
fn row_of(slot: u32, kv: u32, position: u32) -> u32 {
  return ((page_of(slot, position) * ${KV}u + kv) * ${PAGE}u + position % ${PAGE}u) * D;
}`;
  const pair = `let s = pair / ${H}u; let h = pair % ${H}u; let kv = h / ${H / KV}u;
  let slot = slot_of(s); let position = position_of(slot);
  let fromQ = s * ${(H + 2 * KV) * D}u + h * D; let fromK = s * ${(H + 2 * KV) * D}u + (${H}u + kv) * D; let fromV = fromK + ${KV * D}u;`;
  return o.width === 1 ? alone(o, declarations, pair) : shared(o, declarations, pair);
}

function alone(
  { heads: H, keyValueHeads: KV, headSize: D, eps }: StepAttention,
  head: string,
  pair: string,
): string {
  const list = Array.from({ length: D }, (_, i) => i);
  // Vectors of up to four, written out: a software adapter spills an array that a loop indexes to memory.
  const fours = Array.from({ length: Math.ceil(D / 4) }, (_, i) => i);
  const at = (i: number): string => `${Math.floor(i / 4)}.${'xyzw'[i % 4]}`;
  const each = (f: (i: number) => string): string => fours.map(f).join('\n');
  const load = (base: string, array: string, i: number): string =>
    `vec4<f32>(${[0, 1, 2, 3].map(e => (4 * i + e < D ? `${array}[${base} + ${4 * i + e}u]` : '0.0')).join(', ')})`;
  const norm = (name: string, from: string, gain: string): string => `
  ${each(i => `var ${name}${i} = ${load(from, 'qkv', i)};`)}
  { let r = inverseSqrt((${fours.map(i => `dot(${name}${i}, ${name}${i})`).join(' + ')}) / ${D}.0 + ${eps});
  ${each(i => `${name}${i} *= r * ${load('0u', gain, i)};`)} }
  { ${list
    .slice(0, D / 2)
    .map(
      i => `{ let turn = rope[position * ${D / 2}u + ${i}u]; let a = ${name}${at(i)}; let b = ${name}${at(i + D / 2)};
    ${name}${at(i)} = a * turn.x - b * turn.y; ${name}${at(i + D / 2)} = b * turn.x + a * turn.y; }`,
    )
    .join('\n')} }`;
  return `${head}
@compute @workgroup_size(${ALONE}) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let pair = id.x;
  if (pair >= F.S * ${H}u) { return; }
  ${pair}
  ${norm('q', 'fromQ', 'qGain')}
  ${norm('k', 'fromK', 'kGain')}
  var top = 0.0;
  ${each(i => `q${i} *= ${1 / Math.sqrt(D)}; top += dot(q${i}, k${i});`)}
  var sum = 1.0;
  ${each(i => `var acc${i} = ${load('fromV', 'qkv', i)};`)}
  if (h % ${H / KV}u == 0u) {
    let row = row_of(slot, kv, position);
    ${list.map(i => `keys[row + ${i}u] = k${at(i)}; values[row + ${i}u] = acc${at(i)};`).join('\n')}
  }
  for (var j = 0u; j < position; j++) {
    let row = row_of(slot, kv, j);
    var score = 0.0;
    ${each(i => `score += dot(q${i}, ${load('row', 'keys', i)});`)}
    if (score > top) {
      let shrink = exp(top - score);
      sum *= shrink;
      ${each(i => `acc${i} *= shrink;`)}
      top = score;
    }
    let weight = exp(score - top);
    sum += weight;
    ${each(i => `acc${i} += weight * ${load('row', 'values', i)};`)}
  }
  let base = (s * ${H}u + h) * D;
  ${list.map(i => `out[base + ${i}u] = acc${at(i)} / sum;`).join('\n')}
}`;
}

/**
 * A tile is a key a thread. Some threads share a key's product with the query, then all threads share the softmax, then each
 * has four dimensions of some of the values: every load of a tile is asked for before the first is needed.
 */
function shared(
  { heads: H, keyValueHeads: KV, headSize: D, eps, width: W }: StepAttention,
  head: string,
  pair: string,
): string {
  const fours = Math.ceil(D / 4);
  const vec4 = D % 4 === 0;
  const list = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  // Threads that share a key read neighbours, so that a row is read in whole lines.
  const team = fours % 4 === 0 ? 4 : fours % 2 === 0 ? 2 : 1;
  const own = list(fours / team);
  const parts = Math.floor(W / fours);
  const four = (array: string): string =>
    `fn ${array}4(row: u32, i: u32) -> vec4<f32> { ${
      vec4
        ? `return ${array}[row / 4u + i];`
        : `var x = vec4<f32>(); ${[0, 1, 2, 3].map(e => `if (4u * i + ${e}u < D) { x[${e}] = ${array}[row + 4u * i + ${e}u]; }`).join(' ')} return x;`
    } }`;
  const put = (array: string, value: (i: string) => string): string =>
    vec4
      ? `${array}[row / 4u + t] = ${value('t')};`
      : `for (var e = 0u; e < min(4u, D - 4u * t); e++) { ${array}[row + 4u * t + e] = ${value('t')}[e]; }`;
  const group = 16;
  return `${head}
${four('keys')}
${four('values')}
const W = ${W}u;
// Of this token: query, key and value as they come; then in fours, query and key normalised and rotated.
var<workgroup> raw: array<vec3<f32>, ${D}>;
var<workgroup> query: array<vec4<f32>, ${fours}>;
var<workgroup> fresh: array<vec4<f32>, ${fours}>;
var<workgroup> newest: array<vec4<f32>, ${fours}>;
// Where a tile's keys lie; two in turn, since the last tile's values may still be being read.
var<workgroup> rows: array<u32, ${2 * W}>;
var<workgroup> products: array<f32, ${4 * W}>;
var<workgroup> weights: array<f32, ${W}>;
var<workgroup> tops: array<f32, ${group}>;
fn turned(d: u32, position: u32, scale: vec2<f32>) -> vec2<f32> {
  if (d >= D) { return vec2<f32>(); }
  let turn = rope[position * ${D / 2}u + d % ${D / 2}u];
  let o = (d + ${D / 2}u) % D;
  let one = raw[d].xy * scale * vec2<f32>(qGain[d], kGain[d]);
  let other = raw[o].xy * scale * vec2<f32>(qGain[o], kGain[o]);
  return one * turn.x + select(other, -other, d < ${D / 2}u) * turn.y;
}
fn value_of(d: u32) -> f32 { if (d < D) { return raw[d].z; } return 0.0; }
@compute @workgroup_size(${W}) fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let pair = wg.x;
  ${pair}
  for (var d = t; d < D; d += W) { raw[d] = vec3<f32>(qkv[fromQ + d], qkv[fromK + d], qkv[fromV + d]); }
  // Of this sequence's last key before this token, where a tile ends early: it is there, and counts nothing.
  let last = max(position, 1u) - 1u;
  var row_ahead = row_of(slot, kv, min(t, last));
  workgroupBarrier();
  if (t < ${fours}u) {
    var squares = vec2<f32>();
    for (var d = 0u; d < D; d++) { squares += raw[d].xy * raw[d].xy; }
    let scale = inverseSqrt(squares / ${D}.0 + ${eps});
    ${[0, 1, 2, 3].map(e => `let x${e} = turned(4u * t + ${e}u, position, scale);`).join(' ')}
    query[t] = vec4<f32>(x0.x, x1.x, x2.x, x3.x) * ${1 / Math.sqrt(D)};
    fresh[t] = vec4<f32>(x0.y, x1.y, x2.y, x3.y);
    newest[t] = vec4<f32>(${[0, 1, 2, 3].map(e => `value_of(4u * t + ${e}u)`).join(', ')});
    if (h % ${H / KV}u == 0u) {
      let row = row_of(slot, kv, position);
      ${put('keys', i => `fresh[${i}]`)}
      ${put('values', i => `newest[${i}]`)}
    }
  }
  workgroupBarrier();
  // The softmax begins with this token, whose key and value no other workgroup need have written yet.
  var top = 0.0;
  for (var i = 0u; i < ${fours}u; i++) { top += dot(query[i], fresh[i]); }
  let lane = t % ${team}u;
  ${own.map(i => `let q${i} = query[lane + ${i * team}u];`).join(' ')}
  let four = t % ${fours}u;
  let part = t / ${fours}u;
  var acc = select(vec4<f32>(), newest[four], part == 0u);
  var sum = select(0.0, 1.0, part == 0u);
  var turn = 0u;
  for (var first = 0u; first < position; first += W) {
    rows[turn + t] = row_ahead;
    workgroupBarrier();
    ${list(team)
      .map(
        pass => `{ let key = ${(pass * W) / team}u + t / ${team}u; let row = rows[turn + key];
      var product = 0.0;
      ${own.map(i => `product += dot(q${i}, keys4(row, lane + ${i * team}u));`).join(' ')}
      products[lane * W + key] = product; }`,
      )
      .join('\n')}
    row_ahead = row_of(slot, kv, min(first + W + t, last));
    workgroupBarrier();
    let score = select(-3.0e38, ${list(team)
      .map(i => `products[${i * W}u + t]`)
      .join(' + ')}, first + t < position);
    weights[t] = score;
    workgroupBarrier();
    if (t < ${group}u) {
      var most = weights[t];
      for (var n = t + ${group}u; n < W; n += ${group}u) { most = max(most, weights[n]); }
      tops[t] = most;
    }
    workgroupBarrier();
    var tile_top = top;
    for (var n = 0u; n < ${group}u; n++) { tile_top = max(tile_top, tops[n]); }
    let shrink = exp(top - tile_top);
    top = tile_top;
    weights[t] = exp(score - top);
    workgroupBarrier();
    acc *= shrink;
    sum *= shrink;
    ${list(Math.ceil(W / parts))
      .map(i => {
        const n = `part + ${i * parts}u`;
        const body = `{ let n = ${n}; let weight = weights[n]; sum += weight; acc += weight * values4(rows[turn + n], four); }`;
        // Some threads are one too many where fours do not divide them, and the last round may end early.
        return (i + 1) * parts <= W && parts * fours === W
          ? body
          : `if (part < ${parts}u && ${n} < W) ${body}`;
      })
      .join('\n')}
    turn = W - turn;
  }
  workgroupBarrier();
  ${[0, 1, 2, 3].map(e => `products[${e * W}u + t] = acc[${e}];`).join(' ')}
  weights[t] = sum;
  workgroupBarrier();
  for (var d = t; d < D; d += W) {
    let place = d % 4u * W + d / 4u;
    var all = vec2<f32>();
    for (var n = 0u; n < ${parts}u; n++) { all += vec2<f32>(products[place + n * ${fours}u], weights[n * ${fours}u + d / 4u]); }
    out[(s * ${H}u + h) * D + d] = all.x / all.y;
  }
}`;
}
