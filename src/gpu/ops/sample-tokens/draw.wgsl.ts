/**
 * The rules of a draw in WGSL, once for both samplers (sampleTokens and the decode plan's last dispatch): repetition penalty,
 * top-k, top-p, min-p and Gumbel-max, with noise that is a function of key and token. `width` threads share a row; 1 needs no
 * barrier, which suits software adapters.
 */
import { PCG_WGSL } from '../../random.ts';

export interface DrawRules {
  /** Threads of a row. */
  width: number;
  topK: boolean;
  topP: boolean;
  minP: boolean;
  /** Tokens seen in prompt or completion are less likely. */
  penalty: boolean;
}

/** What the text calls the caller's things. In scope must be `t`, the thread of the row, and `key`, the row's noise. */
export interface DrawNames {
  /** A uniform with temperature, topK, topP, logMinP, penalty and greedy. */
  uniform: string;
  vocabulary: string;
  /** The row's logit of token `v`. */
  logit: string;
  /** Words of bits: the tokens that are never drawn. */
  bans: string;
  /** The row's first word among them, where each row has its own: a variable of the module. */
  firstBan?: string;
  /** Whether the row has token `v` already; read under `penalty` alone. */
  seen: string;
}

export interface DrawWgsl {
  /** Outside the entry point. */
  declarations: string;
  /** Runs `body` for each token `v` of this thread, with `raw`, its logit. */
  each(body: string): string;
  /** Within `each`: runs `body` where the token may be drawn, with `l`, the logit that the draw sees. */
  ifAllowed(body: string): string;
  /** Reduces `part` over the row's threads with `merge` of `a` and `b`, and leaves the whole in `name` on each of them. */
  reduce(name: string, type: 'f32' | 'u32', merge: string): string;
  /** `best` and `token`, before anything was drawn. */
  start: string;
  /** Lets token `v` compete with `l`: within `ifAllowed`. */
  compete: string;
  /** Draws among the tokens that top-k, top-p and min-p keep, each where the rules have it. */
  filtered: string;
  /** The winner among the threads' tokens, in `token` on each of them; the lowest id on ties. */
  settle: string;
}

const NONE = '0xffffffffu';

export function drawWgsl(rules: DrawRules, names: DrawNames): DrawWgsl {
  const { width } = rules;
  const { uniform: u } = names;
  const reduce: DrawWgsl['reduce'] = (name, type, merge) =>
    width === 1
      ? `let ${name} = part;`
      : `workgroupBarrier();
  shared_${type}[t] = part;
  ${halving(width, `let a = shared_${type}[t]; let b = shared_${type}[t + n]; shared_${type}[t] = ${merge};`)}
  let ${name} = workgroupUniformLoad(&shared_${type}[0]);`;
  const V = names.vocabulary;
  // With few threads a multiprocessor, what a thread waits for is its logits: four at a time.
  const ahead = ['x', 'y', 'z', 'w']
    .map((e, i) => `{ let v = min(v0 + ${i * width}u, ${V} - 1u); next.${e} = ${names.logit}; }`)
    .join(' ');
  const each: DrawWgsl['each'] = body =>
    width === 1
      ? `for (var v = t; v < ${V}; v += 1u) { let raw = ${names.logit}; ${body} }`
      : `for (var v0 = t; v0 < ${V}; v0 += ${4 * width}u) {
      var next = vec4<f32>();
      ${ahead}
      for (var v = v0; v < min(${V}, v0 + ${4 * width}u); v += ${width}u) { let raw = next.x; next = next.yzwx; ${body} }
    }`;
  const scaled = rules.penalty
    ? `let l = select(raw, select(raw / ${u}.penalty, raw * ${u}.penalty, raw < 0.0), ${names.seen}) / ${u}.temperature;`
    : `let l = raw / ${u}.temperature;`;
  const ifAllowed: DrawWgsl['ifAllowed'] = body => `if (!banned(v)) { ${scaled} ${body} }`;
  const allowed = (body: string): string => each(ifAllowed(body));
  const compete = `let noise = (f32(pcg(key ^ pcg(v + 1u)) >> 8u) + 0.5) / 16777216.0;
      let score = select(l - log(-log(noise)), l, ${u}.greedy == 1u);
      if (score > best || token == ${NONE}) { best = score; token = v; }`;
  return {
    declarations: `${PCG_WGSL}
${width === 1 ? '' : `var<workgroup> shared_f32: array<f32, ${width}>; var<workgroup> shared_u32: array<u32, ${width}>;`}
fn banned(v: u32) -> bool { return ((${names.bans}[${names.firstBan ? `${names.firstBan} + ` : ''}v / 32u] >> (v % 32u)) & 1u) == 1u; }
// Order of floats as order of integers.
fn ordered(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}`,
    each,
    ifAllowed,
    reduce,
    start: `var best = -3.0e38;
  var token = ${NONE};`,
    compete,
    filtered: `var floor = 0u;
  var allowedTop = 0.0;
  {
    var part = -3.0e38;
    ${allowed('part = max(part, l);')}
    ${reduce('whole', 'f32', 'max(a, b)')}
    allowedTop = whole;
  }
  ${rules.topK ? topK(u, allowed, reduce) : ''}
  ${rules.topP ? topP(u, allowed, reduce) : ''}
  ${rules.minP ? `floor = max(floor, ordered(allowedTop + ${u}.logMinP));` : ''}
  ${allowed(`if (${u}.greedy == 1u || ordered(l) >= floor) { ${compete} }`)}`,
    settle: width === 1 ? '' : settle(width),
  };
}

/** The k-th largest logit, by bisection over the ordered bits of a float: 32 passes. */
function topK(u: string, allowed: (body: string) => string, reduce: DrawWgsl['reduce']): string {
  return `for (var bit = 0u; bit < 32u; bit++) {
    let candidate = floor | (0x80000000u >> bit);
    var part = 0u;
    ${allowed('part += select(0u, 1u, ordered(l) >= candidate);')}
    ${reduce('count', 'u32', 'a + b')}
    if (count >= ${u}.topK) { floor = candidate; }
  }`;
}

/** The logit at which what top-k left has enough probability, by bisection as in `topK`. */
function topP(u: string, allowed: (body: string) => string, reduce: DrawWgsl['reduce']): string {
  return `{
    var mass = 0.0;
    {
      var part = 0.0;
      ${allowed('part += select(0.0, exp(l - allowedTop), ordered(l) >= floor);')}
      ${reduce('whole', 'f32', 'a + b')}
      mass = ${u}.topP * whole;
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
  }`;
}

function settle(width: number): string {
  const merge = `let other = shared_f32[t + n];
      let candidate = shared_u32[t + n];
      if (candidate != ${NONE} && (shared_u32[t] == ${NONE} || other > shared_f32[t] || (other == shared_f32[t] && candidate < shared_u32[t]))) {
        shared_f32[t] = other;
        shared_u32[t] = candidate;
      }`;
  return `workgroupBarrier();
  shared_f32[t] = best;
  shared_u32[t] = token;
  ${halving(width, merge)}
  token = shared_u32[0];`;
}

/** Runs `merge` of entry t with entry t + n until all is in entry 0. */
function halving(width: number, merge: string): string {
  return `workgroupBarrier();
  for (var n = ${width / 2}u; n > 0u; n >>= 1u) {
    if (t < n) { ${merge} }
    workgroupBarrier();
  }`;
}
