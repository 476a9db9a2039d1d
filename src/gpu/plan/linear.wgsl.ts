/**
 * The decode plan's linear layers for few sequences: every weight is read once for up to eight of them. What precedes and
 * follows is fused in: RMSNorm or the short convolution on the way in; several matrices side by side, the gated activation,
 * the LoRA branch and the residual sum on the way out. On a GPU some threads share the columns and add up through workgroup
 * memory; on a software adapter a thread has its own rows, and there is no barrier.
 */
import {
  declareOperand,
  EIGHT_WGSL,
  operandBindings,
  scaleBytes,
  type WeightFormat,
} from '../packed/index.ts';
import { frameWgsl, rowsWgsl } from './frame.wgsl.ts';

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
  /** Whether the convolution's newest input is written to the ring: by one kernel of a layer alone. */
  remembers: boolean;
  /** Sequences a workgroup computes. */
  tile: 1 | 2 | 4 | 8;
  /** Rows of the matrices that a workgroup (software: a thread) computes, and threads that share their columns. */
  form: { rows: number; threads: number };
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
    ...(o.lora.length > 0 ? ['low', 'up'] : []),
    'y',
  ];
}

function scalesIn(o: StepLinear, matrix: number): { array: string; offset: number } | undefined {
  if (!o.joinedScales) return undefined;
  const before = o.outputs.slice(0, matrix).map(rows => scaleBytes(rows, o.columns, o.format) / 4);
  return { array: 'scales', offset: total(before) };
}

/** Threads of a workgroup on a software adapter. */
const ALONE = 16;

export const LINEAR_FOLD = 32_768;

export function stepLinearGroups(o: StepLinear, sequences: number): [number, number, number] {
  const rows = o.gated ? o.outputs[0] : total(o.outputs);
  const groups = Math.ceil(rows / o.form.rows / (o.form.threads === 1 ? ALONE : 1));
  return [Math.min(groups, LINEAR_FOLD), Math.ceil(groups / LINEAR_FOLD), Math.ceil(sequences / o.tile)];
}

export function stepLinearWgsl(o: StepLinear): string {
  const { columns: K, form, tile } = o;
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

  const declarations = [
    EIGHT_WGSL,
    frameWgsl(names.length, at('state') >= 0 ? { binding: at('state'), access: 'read' } : undefined),
    rowsWgsl('x', at('x'), K, 'read'),
    norm ? rowsWgsl('gain', at('gain'), K, 'read') : '',
    floats('kernel'),
    at('ring') >= 0 ? rowsWgsl('ring', at('ring'), K, 'read_write') : '',
    o.joinedScales ? `@group(0) @binding(${at('scales')}) var<storage, read> scales: array<u32>;\n` : '',
    ...o.outputs.map((_, i) =>
      declareOperand(
        {
          name: `w${i}_`,
          format: o.format,
          columns: `${K}u`,
          aligned: K % 4 === 0,
          unit: 8,
          scalesIn: scalesIn(o, i),
        },
        at(`w${i}_words`),
      ),
    ),
    floats('low'),
    floats('up'),
    floats('y', 'read_write'),
    o.input.kind === 'conv' ? convolution(o.input, K) : '',
    o.gated ? '' : pick(o.outputs),
    put(o, N),
  ].join('');

  const weights = (r: number): string =>
    o.gated
      ? `let w${r} = w0_8(min(n0 + ${r}u, ${N - 1}u), c); let v${r} = w1_8(min(n0 + ${r}u, ${N - 1}u), c);`
      : `let w${r} = weight8(min(n0 + ${r}u, ${N - 1}u), c);`;
  const dot = (a: string, b: string): string => `dot(${a}.lo, ${b}.lo) + dot(${a}.hi, ${b}.hi)`;
  const input = (s: number): string => {
    const row = `min(s0 + ${s}u, F.S - 1u)`;
    if (o.input.kind !== 'conv') return `x8(${row}, c)`;
    return `convolved(${row}, c${o.remembers && o.input.taps > 1 ? `, n0 == 0u && s0 + ${s}u < F.S` : ', false'})`;
  };
  const loop = `
  ${sequences.map(s => rows.map(r => `var a${s}_${r} = 0.0; ${o.gated ? `var b${s}_${r} = 0.0;` : ''}`).join(' ')).join('\n')}
  ${norm ? sequences.map(s => `var q${s} = 0.0;`).join(' ') : ''}
  for (var c = ${alone ? '0u' : 't'}; c < ${Math.ceil(K / 8)}u; c += ${form.threads}u) {
    ${rows.map(weights).join('\n')}
    ${norm ? 'let g = gain8(0u, c);' : ''}
    ${sequences
      .map(
        s => `{ var x = ${input(s)};
      ${norm ? `q${s} += ${dot('x', 'x')}; x = Eight(x.lo * g.lo, x.hi * g.hi);` : ''}
      ${rows.map(r => `a${s}_${r} += ${dot('x', `w${r}`)}; ${o.gated ? `b${s}_${r} += ${dot('x', `v${r}`)};` : ''}`).join(' ')} }`,
      )
      .join('\n')}
  }`;

  const firsts = sequences.flatMap(s => rows.map(r => `a${s}_${r}`));
  const seconds = o.gated ? sequences.flatMap(s => rows.map(r => `b${s}_${r}`)) : [];
  const squares = norm ? sequences.map(s => `q${s}`) : [];
  const sums = [...firsts, ...seconds, ...squares];
  /** What follows sum `i`: a sequence's product with a row. */
  const end = (sum: (i: string) => string): string =>
    `let s = i / ${form.rows}u;
    put(s0 + s, n0 + i % ${form.rows}u, ${sum('i')}, ${o.gated ? sum(`${firsts.length}u + i`) : '0.0'}, ${norm ? sum(`${firsts.length + seconds.length}u + s`) : '0.0'});`;

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
  for (var i = 0u; i < ${firsts.length}u; i++) { ${end(i => `parts[${i}]`)} }
}`;

  const stride = form.threads + 1;
  return `${declarations}
var<workgroup> parts: array<f32, ${sums.length * stride}>;
fn whole(sum: u32) -> f32 {
  var value = 0.0;
  for (var i = 0u; i < ${form.threads}u; i++) { value += parts[sum * ${stride}u + i]; }
  return value;
}
@compute @workgroup_size(${form.threads}) fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let n0 = (wg.x + wg.y * ${LINEAR_FOLD}u) * ${form.rows}u;
  let s0 = wg.z * ${tile}u;
  if (n0 >= ${N}u) { return; }
  ${loop}
  ${sums.map((sum, i) => `parts[${i * stride}u + t] = ${sum};`).join('\n')}
  workgroupBarrier();
  for (var i = t; i < ${firsts.length}u; i += ${form.threads}u) {
    ${end(i => `whole(${i})`)}
  }
}`;
}

/** `weight8(n, c)`: a row of the matrices put below each other. */
function pick(outputs: number[]): string {
  let start = 0;
  const cases = outputs.map((count, i) => {
    const row = start === 0 ? 'n' : `n - ${start}u`;
    start += count;
    return i === outputs.length - 1
      ? `return w${i}_8(${row}, c);`
      : `if (n < ${start}u) { return w${i}_8(${row}, c); }`;
  });
  return `fn weight8(n: u32, c: u32) -> Eight { ${cases.join(' ')} }\n`;
}

/** `convolved(s, c, remember)`: gateOut · conv(gateIn · x) of an in_proj's output [S, 3, K], whose parts are B, C and x. */
function convolution({ taps }: { taps: number }, K: number): string {
  const tap = (i: number): string =>
    `Eight(${['lo', 'hi']
      .map(
        (_, half) =>
          `vec4<f32>(${[0, 1, 2, 3].map(e => `kernel[min(8u * c + ${4 * half + e}u, ${K - 1}u) * ${taps}u + ${i}u]`).join(', ')})`,
      )
      .join(', ')})`;
  const past = Array.from({ length: taps - 1 }, (_, i) => i);
  return `fn convolved(s: u32, c: u32, remember: bool) -> Eight {
  let gate_in = x8(3u * s, c); let gate_out = x8(3u * s + 1u, c); let value = x8(3u * s + 2u, c);
  let u = Eight(gate_in.lo * value.lo, gate_in.hi * value.hi);
  let newest = ${tap(taps - 1)};
  var lo = newest.lo * u.lo; var hi = newest.hi * u.hi;
  ${
    taps > 1
      ? `let slot = slot_of(s); let position = position_of(slot);
  ${past.map(i => `{ let k = ${tap(i)}; let old = ring8(slot * ${taps}u + (position + ${i + 1}u) % ${taps}u, c); lo += k.lo * old.lo; hi += k.hi * old.hi; }`).join('\n')}
  if (remember) { put_ring8(slot * ${taps}u + position % ${taps}u, c, u); }`
      : ''
  }
  return Eight(gate_out.lo * lo, gate_out.hi * hi);
}\n`;
}

/** `put(s, n, a, b, squares)`: what follows the product of one row with one sequence. */
function put(o: StepLinear, N: number): string {
  const ranks = total(o.lora.map(branch => branch.rank));
  /** Σ low · up of one matrix, `n` being a row of it. */
  const branch = (i: number, n: string, into: string): string => {
    const { rank, scaling } = o.lora[i];
    if (rank === 0) return '';
    const lowStart = total(o.lora.slice(0, i).map(l => l.rank));
    const upStart = total(o.lora.slice(0, i).map((l, j) => l.rank * o.outputs[j]));
    return `{ var sum = 0.0; for (var j = 0u; j < ${rank}u; j++) { sum += low[s * ${ranks}u + ${lowStart}u + j] * up[${upStart}u + (${n}) * ${rank}u + j]; } ${into} += ${scaling} * sum; }`;
  };
  let start = 0;
  const branches = o.gated
    ? o.lora.map((_, i) => branch(i, 'n', i === 0 ? 'value' : 'second')).join('\n')
    : o.lora
        .map((_, i) => {
          const [first, end] = [start, start + o.outputs[i]];
          start = end;
          const code = branch(i, `n - ${first}u`, 'value');
          return code && `if (n >= ${first}u && n < ${end}u) ${code}`;
        })
        .join('\n');
  return `fn put(s: u32, n: u32, a: f32, b: f32, squares: f32) {
  if (s >= F.S || n >= ${N}u) { return; }
  let scale = ${o.input.kind === 'norm' ? `inverseSqrt(squares / ${K(o)} + ${o.input.eps})` : '1.0'};
  var value = a * scale;
  ${o.gated ? 'var second = b * scale;' : ''}
  ${branches}
  ${o.gated ? 'value = value / (1.0 + exp(-value)) * second;' : ''}
  y[s * ${N}u + n] ${o.residual ? '+=' : '='} value;
}\n`;
}

function K(o: StepLinear): string {
  return `${o.columns}.0`;
}
