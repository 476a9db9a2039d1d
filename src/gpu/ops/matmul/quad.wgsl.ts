/**
 * Matrix products for software adapters: four threads compute 8 × 16 outputs in registers, with no workgroup memory and no
 * barrier. SwiftShader runs the four as the lanes of one vector and takes six times as long to read a number (from anywhere)
 * as to multiply one, but a third of that to pass one between lanes: each thread reads a quarter of A's numbers and the
 * quad's broadcasts hand them on. Operands are f32 or packed, either way round, of any size; a second pair may be added.
 */
import { declareOperand, operandBindings } from '../../packed/index.ts';
import type { TileOperand } from './tile.wgsl.ts';

/** Rows of C a workgroup; more sums than its 8 × 4 a thread do not stay in registers. */
export const QUAD_ROWS = 8;

/** Columns of C a workgroup. */
export const QUAD_COLUMNS = 16;

/** An operand, and whether the summed dimension is a multiple of 4. */
export interface QuadOperands {
  a: TileOperand;
  b: TileOperand;
  whole: boolean;
}

export interface QuadVariant extends QuadOperands {
  /** Adds scaling · a2 b2, both f32. Bindings `a2_words`, `b2_words`. */
  second?: QuadOperands;
  /** Binding `bias` [N]. */
  bias: boolean;
  /** Binding `residual` [M, N]; for one batch. */
  residual: boolean;
  /** N is a multiple of 4: C is written as vec4. */
  alignedC: boolean;
  /** The adapter has quad operations; else every thread reads all of A's numbers for itself. */
  subgroups: boolean;
}

const operandKey = (o: TileOperand): string =>
  `${o.format}${o.along ? 'along' : 'across'}${o.aligned ? 4 : 1}`;

export function quadKey(o: QuadVariant): string {
  const pair = ({ a, b, whole }: QuadOperands): string =>
    `-${operandKey(a)}-${operandKey(b)}${whole ? '' : '-odd'}`;
  const flags = (['bias', 'residual', 'alignedC', 'subgroups'] as const).filter(flag => o[flag]);
  return `quad${pair(o)}${o.second ? `-and${pair(o.second)}` : ''}-${flags.join('-')}`;
}

/**
 * Names of the storage bindings in order; the uniform comes last: M, N, K, rowsA, rowsB (stored rows from one batch's operand
 * to the next, 0 for one operand for all), firstRowB, add (1 adds to what C holds), rank, scaling (of the second pair), scale
 * (of both).
 */
export function quadBindings(o: QuadVariant): string[] {
  return [
    ...operandBindings({ name: 'a', format: o.a.format }),
    ...operandBindings({ name: 'b', format: o.b.format }),
    ...(o.second ? ['a2_words', 'b2_words'] : []),
    ...(o.bias ? ['bias'] : []),
    ...(o.residual ? ['residual'] : []),
    'C',
  ];
}

const FOUR = [0, 1, 2, 3];
const ROWS = Array.from({ length: QUAD_ROWS }, (_, i) => i);
const HALVES = Array.from({ length: QUAD_ROWS / 4 }, (_, h) => h);
const AXES = 'xyzw';
const sums = (f: (row: number) => string): string => ROWS.map(f).join(' ');

/** Adds the product of operands `a` and `b` to the sums. `rows` are expressions for the operands' first stored rows. */
function addProduct(
  [a, b]: [a: string, b: string],
  o: QuadOperands,
  K: string,
  rows: { a: string; b: string },
  subgroups: boolean,
): string {
  const inside = (k: string): string => (o.whole ? k : `min(${k}, ${K} - 1u)`);
  // Past the summed dimension's end rows are read again; zeros of A's make them count for nothing.
  const cut = (k: string, value: string): string =>
    o.whole ? value : `select(vec4<f32>(), ${value}, ${k} < ${K})`;
  const row = (i: number, lane = ''): string => `${rows.a}min(m0 + ${i}u${lane}, p.M - 1u)`;
  const column = (first: string, size: string): string => `min(${first} / 4u, (${size} - 1u) / 4u)`;

  const places = [
    o.a.along
      ? HALVES.map(h => `let i${h} = ${column(`(m0 + ${4 * h}u)`, 'p.M')};`)
      : subgroups
        ? HALVES.map(h => `let i${h} = ${row(4 * h, ' + lane')};`)
        : ROWS.map(i => `let i${i} = ${row(i)};`),
    o.b.along
      ? [`let j = ${column('n0', 'p.N')};`]
      : FOUR.map(q => `let j${q} = ${rows.b}min(n0 + ${q}u, p.N - 1u);`),
  ].flat();

  // Along: x<half>_<k>, of four rows. Across: y<row>, of four k.
  const along = (k: string, h: number): string => cut(k, `${a}4(${rows.a}${inside(k)}, i${h})`);
  const readA = o.a.along
    ? HALVES.flatMap(h =>
        subgroups
          ? [
              `let x${h} = ${along('(c * 4u + lane)', h)};`,
              ...FOUR.map(k => `let x${h}_${k} = quadBroadcast(x${h}, ${k});`),
            ]
          : FOUR.map(k => `let x${h}_${k} = ${along(`(c * 4u + ${k}u)`, h)};`),
      )
    : [
        ...(subgroups ? HALVES.map(h => `let x${h} = ${a}4(i${h}, c);`) : []),
        ...ROWS.map(
          i => `let y${i} = ${subgroups ? `quadBroadcast(x${i >> 2}, ${i & 3})` : `${a}4(i${i}, c)`};`,
        ),
      ];
  const readB = o.b.along
    ? FOUR.map(k => `let b${k} = ${b}4(${rows.b}${inside(`c * 4u + ${k}u`)}, j);`)
    : [
        ...FOUR.map(q => `let w${q} = ${b}4(j${q}, c);`),
        ...FOUR.map(k => `let b${k} = vec4<f32>(${FOUR.map(q => `w${q}.${AXES[k]}`).join(', ')});`),
      ];
  const factor = (i: number, k: number): string =>
    o.a.along ? `x${i >> 2}_${k}.${AXES[i & 3]}` : `y${i}.${AXES[k]}`;
  return `{
    ${places.join('\n')}
    for (var c = 0u; c < (${K} + 3u) / 4u; c++) {
      ${[...readB, ...readA].join('\n')}
      ${FOUR.map(k => sums(i => `c${i} = fma(vec4<f32>(${factor(i, k)}), b${k}, c${i});`)).join('\n')}
    }
  }`;
}

/** The module. Workgroups: [⌈N / QUAD_COLUMNS⌉, ⌈M / QUAD_ROWS⌉, batches]. */
export function quadWgsl(o: QuadVariant): string {
  const names = quadBindings(o);
  const at = (name: string): number => names.indexOf(name);
  const operand = (name: string, form: TileOperand, along: string, across: string): string =>
    declareOperand(
      { name, format: form.format, columns: form.along ? along : across, aligned: form.aligned, unit: 4 },
      at(`${name}_words`),
    );
  const element = o.alignedC ? 'vec4<f32>' : 'f32';
  const storage = (name: string, access = 'read'): string =>
    at(name) < 0 ? '' : `@group(0) @binding(${at(name)}) var<storage, ${access}> ${name}: array<${element}>;`;
  const put = (value: string, place: string, column: string): string =>
    `{ let at = ${place}; var v = p.scale * ${value}; ${o.bias ? `v += bias[${column}];` : ''} ${o.residual ? 'v += residual[at];' : ''}
      if (p.add == 1u) { v += C[at]; } C[at] = v; }`;
  const write = (i: number): string =>
    o.alignedC
      ? `if (m0 + ${i}u < p.M && n0 < p.N) ${put(`c${i}`, `(out + ${i}u * p.N) / 4u`, 'n0 / 4u')}`
      : `if (m0 + ${i}u < p.M) { ${FOUR.map(q => `if (n0 + ${q}u < p.N) ${put(`c${i}.${AXES[q]}`, `out + ${i}u * p.N + ${q}u`, `n0 + ${q}u`)}`).join(' ')} }`;
  const first = { a: 'batch * p.rowsA + ', b: 'batch * p.rowsB + p.firstRowB + ' };
  const second = o.second
    ? `${addProduct(['a2', 'b2'], o.second, 'p.rank', { a: '', b: '' }, o.subgroups)}
  ${sums(i => `c${i} *= p.scaling;`)}`
    : '';
  return `${o.subgroups ? 'enable subgroups;' : ''}
struct Params { M: u32, N: u32, K: u32, rowsA: u32, rowsB: u32, firstRowB: u32, add: u32, rank: u32, scaling: f32, scale: f32 }
${operand('a', o.a, 'p.M', 'p.K')}${operand('b', o.b, 'p.N', 'p.K')}
${o.second ? operand('a2', o.second.a, 'p.M', 'p.rank') + operand('b2', o.second.b, 'p.N', 'p.rank') : ''}
${storage('bias')} ${storage('residual')} ${storage('C', 'read_write')}
@group(0) @binding(${names.length}) var<uniform> p: Params;
@compute @workgroup_size(4)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let m0 = wg.y * ${QUAD_ROWS}u;
  let n0 = wg.x * ${QUAD_COLUMNS}u + lane * 4u;
  let batch = wg.z;
  let out = (batch * p.M + m0) * p.N + n0;
  ${sums(i => `var c${i} = vec4<f32>();`)}
  ${second}
  ${addProduct(['a', 'b'], o, 'p.K', first, o.subgroups)}
  ${ROWS.map(write).join('\n')}
}`;
}
