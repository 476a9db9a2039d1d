/** The sampler in WGSL: `width` threads share a sequence; 1 needs no barrier, which suits software adapters. */
import { PCG_WGSL } from '../../random.ts';

export interface SamplerVariant {
  width: number;
  topK: boolean;
  topP: boolean;
  /** Has a binding `seen` [S, V / 32]: a bit for each token that a row already has. */
  repetition: boolean;
}

/**
 * Draws one token a row. Bindings logits [S, V], keys [S], banned (a bit a token), seen where there is one, result [S, 2] (token, bits of its logp).
 * Top-k and top-p find their threshold by bisection over the ordered bits of a float: 32 passes each.
 */
export function sampleWgsl({ width, topK, topP, repetition }: SamplerVariant): string {
  const one = width === 1;
  /** Reduces `part` over the workgroup with `merge(a, b)` and leaves the whole in `name` on every thread. */
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
  let ${name} = ${uniformLoad(`shared_${type}`)};`;
  const each = (logit: string, body: string): string =>
    `for (var v = t; v < p.V; v += ${width}u) { let l = ${logit}; ${body} }`;
  /** The distribution that log-probabilities are of. */
  const all = (body: string): string => each('logits[row * p.V + v] / p.temperature', body);
  /** What may be drawn, as the draw sees it. */
  const allowed = (body: string): string => each('drawn(row, v)', `if (!banned(v)) { ${body} }`);
  const last = repetition ? 4 : 3;
  return `${PCG_WGSL}
struct Params { rows: u32, V: u32, k: u32, greedy: u32, temperature: f32, p: f32, logMinP: f32, penalty: f32 }
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read> bans: array<u32>;
${repetition ? '@group(0) @binding(3) var<storage, read> seen: array<u32>;' : ''}
@group(0) @binding(${last}) var<storage, read_write> result: array<u32>;
@group(0) @binding(${last + 1}) var<uniform> p: Params;
${one ? '' : `var<workgroup> shared_f32: array<f32, ${width}>; var<workgroup> shared_u32: array<u32, ${width}>;`}
fn banned(v: u32) -> bool { return ((bans[v / 32u] >> (v % 32u)) & 1u) == 1u; }
fn drawn(row: u32, v: u32) -> f32 {
  let l = logits[row * p.V + v];
  ${
    repetition
      ? `if (((seen[row * ((p.V + 31u) / 32u) + v / 32u] >> (v % 32u)) & 1u) == 1u) {
    return select(l / p.penalty, l * p.penalty, l < 0.0) / p.temperature;
  }`
      : ''
  }
  return l / p.temperature;
}
// Order of floats as order of integers.
fn ordered(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}
@compute @workgroup_size(${one ? 4 : width})
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = ${one ? 'id.x' : 'wg.x'};
  let t = ${one ? '0u' : 'lane'};
  if (row >= p.rows) { return; }
  var floor = 0u;
  var top = 0.0;
  var allowedTop = 0.0;
  var lse = 0.0;
  {
    var part = -3.0e38;
    ${all('part = max(part, l);')}
    ${reduce('whole', 'f32', 'max(a, b)')}
    top = whole;
  }
  {
    var part = 0.0;
    ${all('part += exp(l - top);')}
    ${reduce('whole', 'f32', 'a + b')}
    lse = top + log(whole);
  }
  {
    var part = -3.0e38;
    ${allowed('part = max(part, l);')}
    ${reduce('whole', 'f32', 'max(a, b)')}
    allowedTop = whole;
  }
  ${
    topK
      ? `for (var bit = 0u; bit < 32u; bit++) {
    let candidate = floor | (0x80000000u >> bit);
    var part = 0u;
    ${allowed('part += select(0u, 1u, ordered(l) >= candidate);')}
    ${reduce('count', 'u32', 'a + b')}
    if (count >= p.k) { floor = candidate; }
  }`
      : ''
  }
  ${
    topP
      ? `{
    var mass = 0.0;
    {
      var part = 0.0;
      ${allowed('part += select(0.0, exp(l - allowedTop), ordered(l) >= floor);')}
      ${reduce('whole', 'f32', 'a + b')}
      mass = p.p * whole;
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
  floor = max(floor, ordered(allowedTop + p.logMinP));
  let key = keys[row];
  var best = -3.0e38;
  var token = 0xffffffffu;
  ${allowed(`if (p.greedy == 1u || ordered(l) >= floor) {
      let u = (f32(pcg(key ^ pcg(v + 1u)) >> 8u) + 0.5) / 16777216.0;
      let score = select(l - log(-log(u)), l, p.greedy == 1u);
      if (score > best || token == 0xffffffffu) { best = score; token = v; }
    }`)}
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
      let id2 = shared_u32[t + n];
      if (id2 != 0xffffffffu && (shared_u32[t] == 0xffffffffu || other > shared_f32[t] || (other == shared_f32[t] && id2 < shared_u32[t]))) {
        shared_f32[t] = other;
        shared_u32[t] = id2;
      }
    }
    workgroupBarrier();
  }
  token = shared_u32[0];`
  }
  if (t == 0u) {
    result[2u * row] = token;
    result[2u * row + 1u] = bitcast<u32>(logits[row * p.V + token] / p.temperature - lse);
  }
}`;
}

/** A load that WGSL's uniformity analysis accepts as the same on every thread. */
function uniformLoad(array: string): string {
  return `workgroupUniformLoad(&${array}[0])`;
}
