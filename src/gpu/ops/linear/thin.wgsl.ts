/**
 * y = x Wᵀ for few rows of x, as decoding needs it: every weight is read once for all sequences. A workgroup computes some
 * rows of W for up to eight sequences, its threads share the columns, subgroups add up. Software adapters get a thread for
 * four rows and no barrier. What stands before and after the product can be fused in.
 */
import { declareOperand, EIGHT_WGSL, operandBindings, type WeightFormat } from '../../packed/index.ts';

/** How threads share the work. */
export interface ThinForm {
  /** Rows of W a workgroup (software: a thread) computes. */
  rows: number;
  /** Threads of a workgroup that share the columns; 1 gives a thread its own rows and needs no barrier. */
  threads: number;
  /** Adds across threads with subgroup operations; else through workgroup memory. Needs the `subgroups` feature. */
  subgroups: boolean;
}

export interface ThinVariant extends ThinForm {
  format: WeightFormat;
  /** Sequences a workgroup computes, 1 to 8. */
  sequences: number;
  /** Columns are a multiple of 4. */
  aligned: boolean;
  /** x is RMS-normalised on the way in: binding `gain` [K], parameter eps. */
  norm?: boolean;
  /** y = silu(x Wᵀ) ⊙ (x Vᵀ): bindings `v_words`[, `v_scales`] of W's format and shape. */
  gated?: boolean;
  /** Binding `bias` [N]. */
  bias?: boolean;
  /** Binding `residual` [S, N] is added. */
  residual?: boolean;
  /** Adds scaling · low Bᵀ: bindings `low` [S, rank], `up` [N, rank]. */
  lora?: boolean;
  /** Writes [N, S] instead of [S, N]. */
  flip?: boolean;
}

export function thinKey(o: ThinVariant): string {
  const flags = ['norm', 'gated', 'bias', 'residual', 'lora', 'flip', 'aligned', 'subgroups'] as const;
  return `thin-${o.format}-${o.sequences}-${o.rows}x${o.threads}-${flags.filter(flag => o[flag]).join('-')}`;
}

/** Names of the storage bindings in order; the uniform `p` comes last: N, K, S, rank (u32), eps, scaling (f32). */
export function thinBindings(o: ThinVariant): string[] {
  return [
    'x_words',
    ...(o.norm ? ['gain_words'] : []),
    ...operandBindings({ name: 'w', format: o.format }),
    ...(o.gated ? operandBindings({ name: 'v', format: o.format }) : []),
    ...(o.bias ? ['bias'] : []),
    ...(o.residual ? ['residual'] : []),
    ...(o.lora ? ['low', 'up'] : []),
    'y',
  ];
}

/** Workgroups in x are folded, since a vocabulary may have more rows than a dimension takes. */
export const THIN_FOLD = 32_768;

/** Fewest threads that any adapter's subgroup has. */
const LEAST_SUBGROUP = 4;

/** The module. Workgroups: [⌈N / rows⌉ folded into x and y, …, ⌈S / sequences⌉] (software: 16 threads a group). */
export function thinWgsl(o: ThinVariant): string {
  const names = thinBindings(o);
  const at = (name: string): number => names.indexOf(name);
  const storage = (name: string, access = 'read'): string =>
    names.includes(name)
      ? `@group(0) @binding(${at(name)}) var<storage, ${access}> ${name}: array<f32>;\n`
      : '';
  const operand = (name: string, format: WeightFormat): string =>
    declareOperand({ name, format, columns: 'p.K', aligned: o.aligned, unit: 8 }, at(`${name}_words`));
  const list = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  const rows = list(o.rows);
  const sequences = list(o.sequences);
  const alone = o.threads === 1;
  const each = (f: (s: number, r: number) => string): string =>
    sequences.map(s => rows.map(r => f(s, r)).join('\n')).join('\n');

  const dot = (x: string, w: string): string => `dot(${x}.lo, ${w}.lo) + dot(${x}.hi, ${w}.hi)`;
  const loop = `
  ${each((s, r) => `var a${s}_${r} = 0.0; ${o.gated ? `var b${s}_${r} = 0.0;` : ''}`)}
  ${o.norm ? sequences.map(s => `var q${s} = 0.0;`).join(' ') : ''}
  for (var c = ${alone ? '0u' : 't'}; c < (p.K + 7u) / 8u; c += ${o.threads}u) {
    ${rows.map(r => `let w${r} = w8(min(n0 + ${r}u, p.N - 1u), c); ${o.gated ? `let v${r} = v8(min(n0 + ${r}u, p.N - 1u), c);` : ''}`).join('\n')}
    ${o.norm ? 'let g = gain8(0u, c);' : ''}
    ${sequences
      .map(
        s => `{
      ${o.norm ? 'var' : 'let'} x = x8(min(s0 + ${s}u, p.S - 1u), c);
      ${o.norm ? `q${s} += ${dot('x', 'x')}; x = Eight(x.lo * g.lo, x.hi * g.hi);` : ''}
      ${rows.map(r => `a${s}_${r} += ${dot('x', `w${r}`)}; ${o.gated ? `b${s}_${r} += ${dot('x', `v${r}`)};` : ''}`).join('\n')}
    }`,
      )
      .join('\n')}
  }`;

  const put = `fn put(s: u32, n: u32, a: f32, b: f32, squares: f32) {
  if (s >= p.S || n >= p.N) { return; }
  let scale = ${o.norm ? 'inverseSqrt(squares / f32(p.K) + p.eps)' : '1.0'};
  var value = a * scale;
  ${o.gated ? 'value = value / (1.0 + exp(-value)) * b * scale;' : ''}
  ${o.lora ? 'var low_sum = 0.0; for (var j = 0u; j < p.rank; j++) { low_sum += low[s * p.rank + j] * up[n * p.rank + j]; } value += p.scaling * low_sum;' : ''}
  ${o.bias ? 'value += bias[n];' : ''}
  ${o.residual ? 'value += residual[s * p.N + n];' : ''}
  y[${o.flip ? 'n * p.S + s' : 's * p.N + n'}] = value;
}`;

  const declarations = `${o.subgroups && !alone ? 'enable subgroups;\n' : ''}struct Params { N: u32, K: u32, S: u32, rank: u32, eps: f32, scaling: f32 }
${EIGHT_WGSL}${operand('x', 'f32')}${o.norm ? operand('gain', 'f32') : ''}${operand('w', o.format)}${o.gated ? operand('v', o.format) : ''}
${['bias', 'residual', 'low', 'up'].map(name => storage(name)).join('')}${storage('y', 'read_write')}
@group(0) @binding(${names.length}) var<uniform> p: Params;
${put}`;

  if (alone)
    return `${declarations}
@compute @workgroup_size(16) fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let n0 = ((wg.x + wg.y * ${THIN_FOLD}u) * 16u + t) * ${o.rows}u;
  let s0 = wg.z * ${o.sequences}u;
  if (n0 >= p.N) { return; }
  ${loop}
  ${each((s, r) => `put(s0 + ${s}u, n0 + ${r}u, a${s}_${r}, ${o.gated ? `b${s}_${r}` : '0.0'}, ${o.norm ? `q${s}` : '0.0'});`)}
}`;

  // Every sum that the threads must add up, by its place in `parts`.
  const sums = [
    ...sequences.flatMap(s => rows.map(r => `a${s}_${r}`)),
    ...(o.gated ? sequences.flatMap(s => rows.map(r => `b${s}_${r}`)) : []),
    ...(o.norm ? sequences.map(s => `q${s}`) : []),
  ];
  const outputs = o.sequences * o.rows;
  const width = o.subgroups ? o.threads / LEAST_SUBGROUP : o.threads;
  const reduce = o.subgroups
    ? sums
        .map(
          (sum, i) =>
            `{ let whole = subgroupAdd(${sum}); if (lane == 0u) { parts[${i * width}u + t / size] = whole; } }`,
        )
        .join('\n')
    : sums.map((sum, i) => `parts[${i * width}u + t] = ${sum};`).join('\n');
  const used = o.subgroups ? `(${o.threads}u + size - 1u) / size` : `${o.threads}u`;
  return `${declarations}
var<workgroup> parts: array<f32, ${sums.length * width}>;
fn total(sum: u32, count: u32) -> f32 {
  var whole = 0.0;
  for (var i = 0u; i < count; i++) { whole += parts[sum * ${width}u + i]; }
  return whole;
}
@compute @workgroup_size(${o.threads})
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32${o.subgroups ? ', @builtin(subgroup_invocation_id) lane: u32, @builtin(subgroup_size) size: u32' : ''}) {
  let n0 = (wg.x + wg.y * ${THIN_FOLD}u) * ${o.rows}u;
  let s0 = wg.z * ${o.sequences}u;
  if (n0 >= p.N) { return; }
  ${loop}
  ${reduce}
  workgroupBarrier();
  for (var i = t; i < ${outputs}u; i += ${o.threads}u) {
    let s = i / ${o.rows}u;
    put(s0 + s, n0 + i % ${o.rows}u, total(i, ${used}), ${o.gated ? `total(${outputs}u + i, ${used})` : '0.0'}, ${
      o.norm ? `total(${outputs * (o.gated ? 2 : 1)}u + s, ${used})` : '0.0'
    });
  }
}`;
}
