/**
 * The end of a decode step in one dispatch: draws each row's token from its logits, notes it with its log-probability, ends
 * the sequence at a stop token or at its limit, and looks up the token's embedding for the next step. The draw is that of
 * `sampleTokens`: Gumbel-max, the noise a function of key, position and token.
 */
import { declareOperand, EIGHT_WGSL, operandBindings, type WeightFormat } from '../packed/index.ts';
import { drawWgsl, type DrawRules } from '../ops/sample-tokens/draw.wgsl.ts';
import { FIELD, frameWgsl, rowsWgsl } from './frame.wgsl.ts';

export interface StepSample extends DrawRules {
  vocabulary: number;
  /** Of the embedding. */
  columns: number;
  format: WeightFormat;
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
  const seenWords = Math.ceil(V / 32);
  const draw = drawWgsl(o, {
    uniform: 'F',
    vocabulary: `${V}u`,
    logit: `logits[row * ${V}u + v]`,
    bans: 'bans',
    seen: 'seen_before(slot, v)',
  });
  const filters = o.topK || o.topP || o.minP;

  return `${frameWgsl(names.length, { binding: 2, access: 'read_write' })}
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> bans: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read_write> seen: array<u32>;
${embedding(o, 5, names.length - 1)}
${draw.declarations}
fn seen_before(slot: u32, v: u32) -> bool { return ((seen[slot * ${seenWords}u + v / 32u] >> (v % 32u)) & 1u) == 1u; }
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
  ${draw.start}
  var lse = 0.0;
  {
    var part = -3.0e38;
    var mass = 0.0;
    ${draw.each(`let l0 = raw / F.temperature;
      if (l0 > part) { mass = mass * exp(part - l0) + 1.0; part = l0; } else { mass += exp(l0 - part); }
      ${filters ? '' : draw.ifAllowed(draw.compete)}`)}
    let own = part;
    ${draw.reduce('top', 'f32', 'max(a, b)')}
    {
      var part = mass * exp(own - top);
      ${draw.reduce('sum', 'f32', 'a + b')}
      lse = top + log(sum);
    }
  }
  ${filters ? draw.filtered : ''}
  ${draw.settle}
  let live = state[field_at(slot, ${FIELD.alive}u)] == 1u;
  ${one ? '' : 'workgroupBarrier();'}
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
