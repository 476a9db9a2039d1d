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
  const declarations = `${frameWgsl(ATTENTION_BINDINGS.length, { binding: 4, access: 'read' })}
@group(0) @binding(0) var<storage, read> qkv: array<f32>;
@group(0) @binding(1) var<storage, read> qGain: array<f32>;
@group(0) @binding(2) var<storage, read> kGain: array<f32>;
@group(0) @binding(3) var<storage, read> rope: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read_write> keys: array<f32>;
@group(0) @binding(6) var<storage, read_write> values: array<f32>;
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

function shared(
  { heads: H, keyValueHeads: KV, headSize: D, eps, width: W }: StepAttention,
  head: string,
  pair: string,
): string {
  const padded = 2 ** Math.ceil(Math.log2(D));
  const splits = Math.floor(W / padded);
  const vec4 = D % 4 === 0;
  const dot = vec4
    ? `for (var i = 0u; i < ${D / 4}u; i++) { score += dot(query[i], vec4<f32>(keys[row + 4u * i], keys[row + 4u * i + 1u], keys[row + 4u * i + 2u], keys[row + 4u * i + 3u])); }`
    : `for (var i = 0u; i < D; i++) { score += query[i] * keys[row + i]; }`;
  return `${head}
const W = ${W}u;
var<workgroup> query: array<${vec4 ? 'vec4<f32>' : 'f32'}, ${vec4 ? D / 4 : D}>;
var<workgroup> fresh: array<vec2<f32>, ${D}>;
var<workgroup> squares: array<vec2<f32>, ${W}>;
var<workgroup> scores: array<f32, ${W}>;
@compute @workgroup_size(${W}) fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let pair = wg.x;
  ${pair}
  var raw = vec2<f32>();
  if (t < D) { raw = vec2<f32>(qkv[fromQ + t], qkv[fromK + t]); }
  squares[t] = raw * raw;
  workgroupBarrier();
  for (var n = W / 2u; n > 0u; n >>= 1u) {
    if (t < n) { squares[t] += squares[t + n]; }
    workgroupBarrier();
  }
  if (t < D) { fresh[t] = raw * inverseSqrt(squares[0] / ${D}.0 + ${eps}) * vec2<f32>(qGain[t], kGain[t]); }
  workgroupBarrier();
  var turned = vec2<f32>();
  if (t < D) {
    let turn = rope[position * ${D / 2}u + t % ${D / 2}u];
    let other = fresh[(t + ${D / 2}u) % D];
    turned = fresh[t] * turn.x + select(other, -other, t < ${D / 2}u) * turn.y;
  }
  workgroupBarrier();
  if (t < D) {
    ${vec4 ? 'query[t / 4u][t % 4u]' : 'query[t]'} = turned.x * ${1 / Math.sqrt(D)};
    fresh[t] = vec2<f32>(turned.y, qkv[fromV + t]);
    if (h % ${H / KV}u == 0u) {
      let row = row_of(slot, kv, position);
      keys[row + t] = turned.y;
      values[row + t] = fresh[t].y;
    }
  }
  workgroupBarrier();
  let d = t % ${padded}u;
  let part = t / ${padded}u;
  var acc = 0.0;
  var sum = 0.0;
  var top = -3.0e38;
  for (var first = 0u; first <= position; first += W) {
    let j = first + t;
    var score = -3.0e38;
    if (j < position) {
      let row = row_of(slot, kv, j);
      score = 0.0;
      ${dot}
    } else if (j == position) {
      // Another workgroup writes this key to its page and may not have done so yet.
      score = 0.0;
      for (var i = 0u; i < D; i++) { score += ${vec4 ? 'query[i / 4u][i % 4u]' : 'query[i]'} * fresh[i].x; }
    }
    scores[t] = score;
    workgroupBarrier();
    let count = min(W, position + 1u - first);
    var tileTop = top;
    for (var n = 0u; n < count; n++) { tileTop = max(tileTop, scores[n]); }
    let shrink = exp(top - tileTop);
    top = tileTop;
    workgroupBarrier();
    scores[t] = exp(score - top);
    workgroupBarrier();
    acc *= shrink;
    sum *= shrink;
    if (d < D && part < ${splits}u) {
      for (var n = part; n < count; n += ${splits}u) {
        let weight = scores[n];
        sum += weight;
        if (first + n == position) { acc += weight * fresh[d].y; }
        else { acc += weight * values[row_of(slot, kv, first + n) + d]; }
      }
    }
    workgroupBarrier();
  }
  squares[t] = vec2<f32>(acc, sum);
  workgroupBarrier();
  if (t < D) {
    var all = vec2<f32>();
    for (var n = 0u; n < ${splits}u; n++) { all += squares[n * ${padded}u + t]; }
    out[(s * ${H}u + h) * D + t] = all.x / all.y;
  }
}`;
}
