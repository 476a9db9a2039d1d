/**
 * The end of a decode step in one dispatch: draws each row's token from its logits, notes it with its log-probability, ends
 * the sequence at a stop token or at its limit, and looks up the token's embedding for the next step. The draw is that of
 * `sampleTokens`: Gumbel-max, the noise a function of key, position and token.
 */
import { declareOperand, EIGHT_WGSL, operandBindings, type WeightFormat } from '../packed/index.ts';
import { PCG_WGSL } from '../random.ts';
import { FIELD, frameWgsl, rowsWgsl } from './frame.wgsl.ts';

export interface StepSample {
  vocabulary: number;
  /** Of the embedding. */
  columns: number;
  format: WeightFormat;
  /** Threads of a row; 1 for a thread a row. */
  width: number;
  topK: boolean;
  topP: boolean;
  minP: boolean;
  /** Tokens seen in prompt or completion are less likely. */
  penalty: boolean;
}

export function stepSampleKey(o: StepSample): string {
  return `plan-sample ${JSON.stringify(o)}`;
}

export function stepSampleBindings({ format }: Pick<StepSample, 'format'>): string[] {
  return ['logits', 'bans', 'state', 'out', 'seen', ...operandBindings({ name: 'e', format }), 'x'];
}

const ALONE = 4;

export function stepSampleGroups(o: StepSample, sequences: number): [number, number, number] {
  return [o.width === 1 ? Math.ceil(sequences / ALONE) : sequences, 1, 1];
}

/** Row `row` of x becomes the embedding of `token`. */
const lookUp = (columns: number, width: number): string =>
  `for (var c = t; c < ${Math.ceil(columns / 8)}u; c += ${width}u) { put_x8(row, c, e_8(token, c)); }`;

function embedding(
  { format, columns }: Pick<StepSample, 'format' | 'columns'>,
  words: number,
  x: number,
): string {
  const operand = {
    name: 'e_',
    format,
    columns: `${columns}u`,
    aligned: columns % 4 === 0,
    unit: 8 as const,
  };
  return `${EIGHT_WGSL}${declareOperand(operand, words)}${rowsWgsl('x', x, columns, 'read_write')}`;
}

export function embedBindings({ format }: Pick<StepSample, 'format'>): string[] {
  return ['state', ...operandBindings({ name: 'e', format }), 'x'];
}

/** Looks up the embeddings of the rows' latest tokens: the beginning of a stretch of steps. One workgroup of 64 a row. */
export function embedWgsl(o: Pick<StepSample, 'format' | 'columns'>): string {
  const names = embedBindings(o);
  return `${frameWgsl(names.length, { binding: 0, access: 'read' })}${embedding(o, 1, names.length - 1)}
@compute @workgroup_size(64) fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let row = wg.x;
  let token = state[field_at(slot_of(row), ${FIELD.token}u)];
  ${lookUp(o.columns, 64)}
}`;
}

export function stepSampleWgsl(o: StepSample): string {
  const { vocabulary: V, width } = o;
  const one = width === 1;
  const names = stepSampleBindings(o);
  const barrier = one ? '' : 'workgroupBarrier();';
  /** Reduces `part` over the row's threads with `merge(a, b)` into `name` on each of them. */
  const reduce = (name: string, type: 'f32' | 'u32', merge: string): string =>
    one
      ? `let ${name} = part;`
      : `workgroupBarrier();
  shared_${type}[t] = part;
  workgroupBarrier();
  for (var n = ${width / 2}u; n > 0u; n >>= 1u) {
    if (t < n) { let a = shared_${type}[t]; let b = shared_${type}[t + n]; shared_${type}[t] = ${merge}; }
    workgroupBarrier();
  }
  let ${name} = workgroupUniformLoad(&shared_${type}[0]);`;
  const each = (body: string): string =>
    `for (var v = t; v < ${V}u; v += ${width}u) { let raw = logits[row * ${V}u + v]; ${body} }`;
  const scaled = o.penalty
    ? `let l = select(raw, select(raw * F.penalty, raw / F.penalty, raw > 0.0), seen_before(slot, v)) / F.temperature;`
    : 'let l = raw / F.temperature;';
  const allowed = (body: string): string => each(`if (!banned(v)) { ${scaled} ${body} }`);
  const filters = o.topK || o.topP || o.minP;
  const draw = `let u = (f32(pcg(key ^ pcg(v + 1u)) >> 8u) + 0.5) / 16777216.0;
      let score = select(l - log(-log(u)), l, F.greedy == 1u);
      if (score > best || token == 0xffffffffu) { best = score; token = v; }`;

  return `${PCG_WGSL}
${frameWgsl(names.length, { binding: 2, access: 'read_write' })}
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> bans: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read_write> seen: array<u32>;
${embedding(o, 5, names.length - 1)}
${one ? '' : `var<workgroup> shared_f32: array<f32, ${width}>; var<workgroup> shared_u32: array<u32, ${width}>;`}
fn banned(v: u32) -> bool { return ((bans[v / 32u] >> (v % 32u)) & 1u) == 1u; }
fn seen_before(slot: u32, v: u32) -> bool { return ((seen[slot * ${Math.ceil(V / 32)}u + v / 32u] >> (v % 32u)) & 1u) == 1u; }
// Order of floats as order of integers.
fn ordered(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}
// hashKey(key, position) of two 32-bit numbers.
fn draw_key(key: u32, position: u32) -> u32 {
  var mixed = pcg(0x9e3779b9u ^ pcg(key));
  mixed = pcg(mixed ^ pcg(0u));
  mixed = pcg(mixed ^ pcg(position));
  return pcg(mixed ^ pcg(0u));
}
@compute @workgroup_size(${one ? ALONE : width})
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = ${one ? 'id.x' : 'wg.x'};
  let t = ${one ? '0u' : 'lane'};
  if (row >= F.S) { return; }
  let slot = slot_of(row);
  let position = state[field_at(slot, ${FIELD.count}u)];
  let key = draw_key(state[field_at(slot, ${FIELD.key}u)], position);
  var best = -3.0e38;
  var token = 0xffffffffu;
  var lse = 0.0;
  {
    var part = -3.0e38;
    var mass = 0.0;
    ${each(`let l0 = raw / F.temperature;
      if (l0 > part) { mass = mass * exp(part - l0) + 1.0; part = l0; } else { mass += exp(l0 - part); }
      ${filters ? '' : `if (!banned(v)) { ${scaled} ${draw} }`}`)}
    let own = part;
    ${reduce('top', 'f32', 'max(a, b)')}
    {
      var part = mass * exp(own - top);
      ${reduce('sum', 'f32', 'a + b')}
      lse = top + log(sum);
    }
  }
  ${filters ? filtered(o, reduce, allowed, draw) : ''}
  ${
    one
      ? ''
      : `workgroupBarrier();
  shared_f32[t] = best;
  shared_u32[t] = token;
  workgroupBarrier();
  for (var n = ${width / 2}u; n > 0u; n >>= 1u) {
    if (t < n) {
      let other = shared_f32[t + n];
      let candidate = shared_u32[t + n];
      if (candidate != 0xffffffffu && (shared_u32[t] == 0xffffffffu || other > shared_f32[t] || (other == shared_f32[t] && candidate < shared_u32[t]))) {
        shared_f32[t] = other;
        shared_u32[t] = candidate;
      }
    }
    workgroupBarrier();
  }
  token = shared_u32[0];`
  }
  let live = state[field_at(slot, ${FIELD.alive}u)] == 1u;
  ${barrier}
  if (t == 0u && live) {
    out[slot * F.outWidth + position] = vec2<u32>(token, bitcast<u32>(logits[row * ${V}u + token] / F.temperature - lse));
    seen[slot * ${Math.ceil(V / 32)}u + token / 32u] |= 1u << (token % 32u);
    var ends = position + 1u >= state[field_at(slot, ${FIELD.limit}u)];
    for (var i = 0u; i < F.eosCount; i++) { if (F.eos[i / 4u][i % 4u] == token) { ends = true; } }
    state[field_at(slot, ${FIELD.count}u)] = position + 1u;
    state[field_at(slot, ${FIELD.token}u)] = token;
    if (ends) { state[field_at(slot, ${FIELD.alive}u)] = 0u; }
    else { state[field_at(slot, ${FIELD.position}u)] += 1u; }
  }
  ${lookUp(o.columns, width)}
}`;
}

/** Top-k and top-p find their threshold by bisection over the ordered bits of a float: 32 passes each, then one draws. */
function filtered(
  o: StepSample,
  reduce: (name: string, type: 'f32' | 'u32', merge: string) => string,
  allowed: (body: string) => string,
  draw: string,
): string {
  return `var floor = 0u;
  var allowedTop = 0.0;
  {
    var part = -3.0e38;
    ${allowed('part = max(part, l);')}
    ${reduce('whole', 'f32', 'max(a, b)')}
    allowedTop = whole;
  }
  ${
    o.topK
      ? `for (var bit = 0u; bit < 32u; bit++) {
    let candidate = floor | (0x80000000u >> bit);
    var part = 0u;
    ${allowed('part += select(0u, 1u, ordered(l) >= candidate);')}
    ${reduce('count', 'u32', 'a + b')}
    if (count >= F.topK) { floor = candidate; }
  }`
      : ''
  }
  ${
    o.topP
      ? `{
    var mass = 0.0;
    {
      var part = 0.0;
      ${allowed('part += select(0.0, exp(l - allowedTop), ordered(l) >= floor);')}
      ${reduce('whole', 'f32', 'a + b')}
      mass = F.topP * whole;
    }
    var low = 0xffffffffu;
    for (var bit = 0u; bit < 32u; bit++) {
      let candidate = low & ~(0x80000000u >> bit);
      var part = 0.0;
      ${allowed('part += select(0.0, exp(l - allowedTop), ordered(l) > candidate && ordered(l) >= floor);')}
      ${reduce('above', 'f32', 'a + b')}
      if (above < mass) { low = candidate; }
    }
    floor = max(floor, low);
  }`
      : ''
  }
  ${o.minP ? 'floor = max(floor, ordered(allowedTop + F.logMinP));' : ''}
  ${allowed(`if (F.greedy == 1u || ordered(l) >= floor) { ${draw} }`)}`;
}
