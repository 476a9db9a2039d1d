/**
 * The decode plan's linear layers for few sequences: every weight is read once for up to eight of them. What precedes and
 * follows is fused in: RMSNorm or the short convolution on the way in; several matrices side by side, the gated activation,
 * the LoRA branch and the residual sum on the way out. On a GPU, teams of threads share the columns of some rows and add up
 * through workgroup memory; on a software adapter a quad has its rows (`linear-quad.wgsl.ts`), or a thread, without a barrier.
 */
import {
  declareOperand,
  EIGHT_WGSL,
  operandBindings,
  scaleBytes,
  type WeightFormat,
} from '../packed/index.ts';
import { frameWgsl, rowsWgsl } from './frame.wgsl.ts';
import type { LinearForm } from './linear-form.ts';
import { quadLinearGroups, quadLinearWgsl } from './linear-quad.wgsl.ts';
import { putWgsl } from './linear-put.wgsl.ts';
import { sumsWgsl } from './linear-sums.wgsl.ts';

export interface StepLinear {
  format: WeightFormat;
  /** Rows of each matrix; their outputs lie side by side. */
  outputs: number[];
  columns: number;
  /** The matrices' scales are in one buffer, one matrix's after the other's. */
  joinedScales: boolean;
  /** What becomes of the input: nothing; RMSNorm of that epsilon; or gate · convolution of an in_proj's output. */
  input: { kind: 'plain' } | { kind: 'norm'; eps: number } | { kind: 'conv'; taps: number };
  /** silu(first) · second, of two matrices of equal shape. */
  gated: boolean;
  /** Adds to what `y` holds instead of replacing it. */
  residual: boolean;
  /** Of each matrix, its branch's rank (0 for none) and scaling; empty when no matrix has one. */
  lora: { rank: number; scaling: number }[];
  /** Whether each workgroup computes the branches' products with their first matrices, `down`; else they are in `low`. */
  ownLow: boolean;
  /** Whether the convolution's newest input is written to the ring: by one kernel of a layer alone. */
  remembers: boolean;
  /** Sequences a workgroup computes. */
  tile: 1 | 2 | 4 | 8;
  form: LinearForm;
}

export function stepLinearKey(o: StepLinear): string {
  return `plan-linear ${JSON.stringify(o)}`;
}

const total = (numbers: number[]): number => numbers.reduce((sum, n) => sum + n, 0);

/** Names of the bindings in order; the uniform frame comes last. */
export function stepLinearBindings(o: StepLinear): string[] {
  const conv = o.input.kind === 'conv' ? o.input : null;
  return [
    'x',
    ...(o.input.kind === 'norm' ? ['gain'] : []),
    ...(conv ? ['kernel'] : []),
    ...(conv && conv.taps > 1 ? ['ring', 'state'] : []),
    ...o.outputs.flatMap((_, i) =>
      operandBindings({ name: `w${i}`, format: o.format, scalesIn: scalesIn(o, i) }),
    ),
    ...(o.joinedScales ? ['scales'] : []),
    ...(o.lora.length > 0 ? [o.ownLow ? 'down' : 'low', 'up'] : []),
    'y',
  ];
}

/** Where the matrix's scales lie among the joined ones. */
export function scalesIn(o: StepLinear, matrix: number): { array: string; offset: number } | undefined {
  if (!o.joinedScales) return undefined;
  const before = o.outputs.slice(0, matrix).map(rows => scaleBytes(rows, o.columns, o.format) / 4);
  return { array: 'scales', offset: total(before) };
}

/** Threads of a workgroup on a software adapter. */
const ALONE = 16;

/** Numbers that a thread reads ahead. */
const MOST_AHEAD = 32;

export const LINEAR_FOLD = 32_768;

export function stepLinearGroups(o: StepLinear, sequences: number): [number, number, number] {
  const { form } = o;
  if (form.quad) return quadLinearGroups(o, sequences);
  const rows = o.gated ? o.outputs[0] : total(o.outputs);
  const groups = Math.ceil(rows / form.rows / (form.threads === 1 ? ALONE : form.teams));
  return [Math.min(groups, LINEAR_FOLD), Math.ceil(groups / LINEAR_FOLD), Math.ceil(sequences / o.tile)];
}

export function stepLinearWgsl(o: StepLinear): string {
  const { columns: K, form, tile } = o;
  if (form.quad) return quadLinearWgsl(o);
  const N = o.gated ? o.outputs[0] : total(o.outputs);
  const names = stepLinearBindings(o);
  const at = (name: string): number => names.indexOf(name);
  const floats = (name: string, access: 'read' | 'read_write' = 'read'): string =>
    names.includes(name)
      ? `@group(0) @binding(${at(name)}) var<storage, ${access}> ${name}: array<f32>;\n`
      : '';
  const list = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  const rows = list(form.rows);
  const sequences = list(tile);
  const alone = form.threads === 1;
  const norm = o.input.kind === 'norm';
  const conv = o.input.kind === 'conv' ? convolution(o.input, K, at('kernel')) : null;
  const ranks = o.ownLow ? total(o.lora.map(({ rank }) => rank)) : 0;
  const lowRows = list(Math.ceil(ranks / form.teams));
  const here = form.rows * form.teams;
  // With an output a thread at most, what it adds to the product is read while the others still add up.
  const ahead =
    !alone && here * tile <= form.threads * form.teams && total(o.lora.map(({ rank }) => rank)) <= MOST_AHEAD;
  const operand = { columns: `${K}u`, aligned: K % 4 === 0, unit: 8 as const };

  const declarations = [
    form.subgroups ? 'enable subgroups;\n' : '',
    EIGHT_WGSL,
    `fn plus(sum: f32, x: Eight, w: Eight) -> f32 { ${
      alone
        ? 'return sum + (dot(x.lo, w.lo) + dot(x.hi, w.hi));'
        : `var s = sum; ${['lo', 'hi'].flatMap(half => ['x', 'y', 'z', 'w'].map(e => `s += x.${half}.${e} * w.${half}.${e};`)).join(' ')} return s;`
    } }\n`,
    frameWgsl(names.length, at('state') >= 0 ? { binding: at('state'), access: 'read' } : undefined),
    rowsWgsl('x', at('x'), K, 'read'),
    norm ? rowsWgsl('gain', at('gain'), K, 'read') : '',
    conv?.declarations ?? '',
    at('ring') >= 0 ? rowsWgsl('ring', at('ring'), K, o.remembers ? 'read_write' : 'read') : '',
    o.joinedScales ? `@group(0) @binding(${at('scales')}) var<storage, read> scales: array<u32>;\n` : '',
    ...o.outputs.map((_, i) =>
      declareOperand(
        { name: `w${i}_`, format: o.format, ...operand, scalesIn: scalesIn(o, i) },
        at(`w${i}_words`),
      ),
    ),
    ranks > 0 ? declareOperand({ name: 'down_', format: 'f32', ...operand }, at('down')) : '',
    floats('low'),
    floats('up'),
    floats('y', 'read_write'),
    putWgsl(o, N, ahead),
  ].join('');

  // What a thread multiplies its columns with: its team's rows of the matrices, then of the LoRA branches' first ones.
  const row = (r: number): string => `min(n0 + ${r}u, ${N - 1}u)`;
  const weights = [
    ...rows.map(r => `w${r}`),
    ...(o.gated ? rows.map(r => `v${r}`) : []),
    ...lowRows.map(r => `d${r}`),
  ];
  const load = [
    o.gated
      ? rows.map(r => `var w${r} = w0_8(${row(r)}, c); var v${r} = w1_8(${row(r)}, c);`).join('\n')
      : pick(o.outputs, form.rows, N),
    ...lowRows.map(r => `var d${r} = down_8(min(team * ${lowRows.length}u + ${r}u, ${ranks - 1}u), c);`),
  ].join('\n');
  // The norm's gain goes to whichever is fewer.
  const onWeights = norm && weights.length < tile;
  const gained = (name: string): string => `${name} = Eight(${name}.lo * g.lo, ${name}.hi * g.hi);`;
  /** Teams share the sequences' sums of squares. */
  const squares = norm ? list(Math.ceil(tile / form.teams)) : [];
  const sequence = (s: number): string => `min(s0 + ${s}u, F.S - 1u)`;
  const loop = `
  ${sequences.map(s => weights.map(w => `var a${s}_${w} = 0.0;`).join(' ')).join('\n')}
  ${squares.map(i => `var q${i} = 0.0;`).join(' ')}
  ${conv ? sequences.map(s => conv.before(s, sequence(s))).join('\n') : ''}
  for (var c = ${alone ? '0u' : 'lane'}; c < ${Math.ceil(K / 8)}u; c += ${form.threads}u) {
    ${load}
    ${norm ? 'let g = gain8(0u, c);' : ''}
    ${onWeights ? weights.map(gained).join(' ') : ''}
    ${conv?.taps ?? ''}
    ${sequences
      .map(
        s => `{ ${conv ? conv.value(s, sequence(s)) : `var x = x8(${sequence(s)}, c);`}
      ${norm ? `${form.teams > 1 ? `if (team == ${s % form.teams}u)` : ''} { q${Math.floor(s / form.teams)} = plus(q${Math.floor(s / form.teams)}, x, x); } ${onWeights ? '' : gained('x')}` : ''}
      ${weights.map(w => `a${s}_${w} = plus(a${s}_${w}, x, ${w});`).join(' ')} }`,
      )
      .join('\n')}
  }
  ${conv && o.remembers ? conv.remember(alone ? 'n0 == 0u' : 'n0 < rows_here', alone ? '0u' : 't', alone ? 1 : form.threads * form.teams, tile) : ''}`;

  const sums = [...weights.flatMap(w => sequences.map(s => `a${s}_${w}`)), ...squares.map(i => `q${i}`)];
  /** Where a team's sums have sequence `s` of weight `w`, and the squares of sequence `s`. */
  const sumOf = (w: string): string => `(${w}) * ${tile}u + s`;
  const scaled = (squares: string): string =>
    norm && o.input.kind === 'norm' ? `inverseSqrt(${squares} / ${K}.0 + ${o.input.eps})` : '1.0';

  if (alone)
    return `${declarations}
@compute @workgroup_size(${ALONE}) fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let n0 = ((wg.x + wg.y * ${LINEAR_FOLD}u) * ${ALONE}u + t) * ${form.rows}u;
  let s0 = wg.z * ${tile}u;
  if (n0 >= ${N}u) { return; }
  var parts: array<f32, ${sums.length}>;
  ${loop}
  ${sums.map((sum, i) => `parts[${i}u] = ${sum};`).join(' ')}
  // A loop: written out, the code is there once for each sum, and a software adapter compiles 2.5 times as long.
  for (var i = 0u; i < ${form.rows * tile}u; i++) {
    let s = i / ${form.rows}u; let r = i % ${form.rows}u;
    put(s0 + s, s, n0 + r, parts[${sumOf('r')}], ${o.gated ? `parts[${sumOf(`${form.rows}u + r`)}]` : '0.0'}, ${scaled(`parts[${weights.length * tile}u + s]`)});
  }
}`;

  const of = (team: string, sum: string): string => `totals[(${team}) * ${sums.length}u + ${sum}]`;
  const summing = sumsWgsl(sums, form);
  return `${declarations}
const rows_here = ${here}u;
${summing.declarations}
${lowRows.length > 0 ? `fn low_of(s: u32, j: u32) -> f32 { return ${of(`j / ${lowRows.length}u`, sumOf(`${weights.length - lowRows.length}u + j % ${lowRows.length}u`))}; }` : ''}
@compute @workgroup_size(${form.threads * form.teams}) fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let first = (wg.x + wg.y * ${LINEAR_FOLD}u) * rows_here;
  if (first >= ${N}u) { return; }
  let team = t / ${form.threads}u;
  let lane = t % ${form.threads}u;
  let n0 = first + team * ${form.rows}u;
  let s0 = wg.z * ${tile}u;
  ${loop}
  ${ahead ? `read_ahead(min(s0 + t / rows_here, F.S - 1u), min(first + t % rows_here, ${N - 1}u));` : ''}
  ${summing.code}
  for (var i = t; i < ${here * tile}u; i += ${form.threads * form.teams}u) {
    let s = i / rows_here; let n = i % rows_here;
    let of_team = n / ${form.rows}u; let r = n % ${form.rows}u;
    put(s0 + s, s, first + n, ${of('of_team', sumOf('r'))}, ${o.gated ? of('of_team', sumOf(`${form.rows}u + r`)) : '0.0'}, ${scaled(of(`s % ${form.teams}u`, `${weights.length * tile}u + s / ${form.teams}u`))});
  }
}`;
}

/** Declares `w0` … of a team's rows of the matrices put below each other. */
function pick(outputs: number[], rows: number, N: number): string {
  const list = Array.from({ length: rows }, (_, r) => r);
  const row = (r: number): string => `min(n0 + ${r}u, ${N - 1}u)`;
  if (outputs.length === 1) return list.map(r => `var w${r} = w0_8(${row(r)}, c);`).join(' ');
  const starts = outputs.map((_, i) => total(outputs.slice(0, i)));
  const declare = list.map(r => `var w${r}: Eight;`).join(' ');
  const choose = (n: string, then: (matrix: number) => string): string =>
    outputs
      .map((_, i) => `${i === outputs.length - 1 ? '' : `if (${n} < ${starts[i + 1]}u) `}{ ${then(i)} }`)
      .join(' else ');
  // All rows of a team in one matrix: one choice for all, so that their loads wait together.
  if (outputs.every(count => count % rows === 0))
    return `${declare} ${choose('n0', i => list.map(r => `w${r} = w${i}_8(${row(r)} - ${starts[i]}u, c);`).join(' '))}`;
  return `${declare} ${list.map(r => `{ let n = ${row(r)}; ${choose('n', i => `w${r} = w${i}_8(n - ${starts[i]}u, c);`)} }`).join('\n')}`;
}

/**
 * gateOut · conv(gateIn · x) of an in_proj's output [S, 3, K], whose parts are B, C and x. What does not depend on the column
 * is looked up `before` the loop, the kernel once for all sequences, and the ring is written after all has been read.
 */
function convolution({ taps }: { taps: number }, K: number, binding: number) {
  const list = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  const fours = K % 8 === 0;
  const element = (i: number, e: number): string => {
    const at = e * taps + i;
    return fours
      ? `m${Math.floor(at / 4)}.${'xyzw'[at % 4]}`
      : `kernel[min(8u * c + ${e}u, ${K - 1}u) * ${taps}u + ${i}u]`;
  };
  const vector = (i: number, from: number): string =>
    `vec4<f32>(${list(4)
      .map(e => element(i, from + e))
      .join(', ')})`;
  return {
    declarations: `@group(0) @binding(${binding}) var<storage, read> kernel: array<${fours ? 'vec4<f32>' : 'f32'}>;\n`,
    before: (s: number, row: string): string =>
      taps === 1
        ? ''
        : `let slot${s} = slot_of(${row}); let position${s} = position_of(slot${s});
  ${list(taps - 1)
    .map(i => `let old${s}_${i} = slot${s} * ${taps}u + (position${s} + ${i + 1}u) % ${taps}u;`)
    .join(' ')}`,
    taps: `${
      fours
        ? list(2 * taps)
            .map(i => `let m${i} = kernel[c * ${2 * taps}u + ${i}u];`)
            .join(' ')
        : ''
    }
    ${list(taps)
      .map(i => `let k${i} = Eight(${vector(i, 0)}, ${vector(i, 4)});`)
      .join('\n')}`,
    value: (s: number, row: string): string => `
      let gate_in = x8(3u * ${row}, c); let gate_out = x8(3u * ${row} + 1u, c); let value = x8(3u * ${row} + 2u, c);
      var x = Eight(k${taps - 1}.lo * (gate_in.lo * value.lo), k${taps - 1}.hi * (gate_in.hi * value.hi));
      ${list(taps - 1)
        .map(
          i => `{ let old = ring8(old${s}_${i}, c); x.lo += k${i}.lo * old.lo; x.hi += k${i}.hi * old.hi; }`,
        )
        .join('\n')}
      x = Eight(gate_out.lo * x.lo, gate_out.hi * x.hi);`,
    remember: (condition: string, first: string, step: number, tile: number): string =>
      taps === 1
        ? ''
        : `if (${condition}) {
    for (var s = s0; s < min(s0 + ${tile}u, F.S); s++) {
      let slot = slot_of(s); let into = slot * ${taps}u + position_of(slot) % ${taps}u;
      for (var c = ${first}; c < ${Math.ceil(K / 8)}u; c += ${step}u) {
        let gate_in = x8(3u * s, c); let value = x8(3u * s + 2u, c);
        put_ring8(into, c, Eight(gate_in.lo * value.lo, gate_in.hi * value.hi));
      }
    }
  }`,
  };
}
