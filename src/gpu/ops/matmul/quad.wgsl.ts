/**
 * Matrix products for software adapters: four threads compute 16 × 16 outputs (of few rows 8 × 16) in registers, with no
 * workgroup memory and no barrier. SwiftShader runs the four as the lanes of one vector and reads memory lane by lane, each
 * with a check of its own: four numbers take as long as fifteen multiplications of vectors. So each thread reads a quarter
 * of A's rows alone and the quad swaps them, which is one instruction (a broadcast is fifteen). It stores what a loop
 * carries under a mask, every time round: products of a matrix with a vector, all in registers, come between.
 */
import { declareOperand } from '../../packed/index.ts';
import {
  PRODUCT_FIELDS,
  productKey,
  readBindings,
  type OperandForm,
  type PairForm,
  type ProductForm,
} from './operands.ts';

/** Columns of C a workgroup. */
export const QUAD_COLUMNS = 16;

export interface QuadVariant extends ProductForm {
  /** Rows of C a workgroup, a multiple of 4. */
  rows: number;
  /** K, and the rank of the second pair, are multiples of 4. */
  whole: boolean;
  wholeRank: boolean;
  /** Adds to what C holds. */
  add: boolean;
  /** C is [N, M], of one batch, without bias and residual. */
  flip: boolean;
  /** The adapter has quad operations; else every thread reads all of A's numbers for itself. */
  subgroups: boolean;
}

export function quadKey(o: QuadVariant): string {
  const flags = (['whole', 'wholeRank', 'add', 'flip', 'subgroups'] as const).filter(flag => o[flag]);
  return `quad-${o.rows}-${productKey(o)}-${flags.join('-')}`;
}

/** Names of the storage bindings in order; the uniform comes last: `PRODUCT_FIELDS`, then scale (of both pairs). */
export function quadBindings(o: QuadVariant): string[] {
  return [...readBindings(o), 'C'];
}

const FOUR = [0, 1, 2, 3];
const AXES = 'xyzw';
const list = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Element by element, since threads read rows of their own and these lie side by side. */
const isScalar = (a: OperandForm): boolean => a.along && a.format === 'f32';

/** Four of a row's neighbours, `row` an expression for its place as `placeOf` gives it. */
function four(name: string, o: OperandForm, place: string): string {
  return direct(o) ? `${name}_words[${place} + c]` : `${name}4(${place}, c)`;
}

/** Rows whose place in memory can be had before the loop. */
const direct = (o: OperandForm): boolean => !o.along && o.format === 'f32' && o.aligned;

const placeOf = (o: OperandForm, row: string, K: string): string =>
  direct(o) ? `(${row}) * (${K} >> 2u)` : row;

/** Adds the product of operands `a` and `b` to the sums. `rows` are expressions for the operands' first stored rows. */
function addProduct(
  [a, b]: [a: string, b: string],
  pair: PairForm & { whole: boolean },
  K: string,
  rows: { a: string; b: string },
  { rows: R, subgroups }: QuadVariant,
): string {
  const inside = (k: string): string => (pair.whole ? k : `min(${k}, ${K} - 1u)`);
  // Past the summed dimension's end rows are read again; zeros of A's make them count for nothing.
  const cut = (k: string, value: string): string =>
    pair.whole ? value : `select(0.0, ${value}, ${k} < ${K})`;
  const own = list(subgroups ? R / 4 : R);
  const rowOf = (h: number): string => `min(m0 + ${subgroups ? `${4 * h}u + lane` : `${h}u`}, p.M - 1u)`;
  const element = (k: string, h: number): string => {
    const row = `(${rows.a}${inside(k)})`;
    const value = isScalar(pair.a)
      ? `${a}_words[${row} * p.M + i${h}]`
      : `${a}4(${row}, i${h} >> 2u)[i${h} & 3u]`;
    return cut(k, value);
  };
  const places = [
    ...own.map(h => `let i${h} = ${pair.a.along ? rowOf(h) : placeOf(pair.a, rows.a + rowOf(h), K)};`),
    ...(pair.b.along
      ? ['let j = min(n0 >> 2u, (p.N - 1u) >> 2u);']
      : FOUR.map(q => `let j${q} = ${placeOf(pair.b, `${rows.b}min(n0 + ${q}u, p.N - 1u)`, K)};`)),
  ];
  const readA = own.map(
    h =>
      `let x${h} = ${pair.a.along ? `vec4<f32>(${FOUR.map(k => element(`c * 4u + ${k}u`, h)).join(', ')})` : four(a, pair.a, `i${h}`)};`,
  );
  // Columns of B's part, or rows of it, as they lie in memory.
  const readB = FOUR.map(k =>
    pair.b.along ? `${b}4(${rows.b}${inside(`c * 4u + ${k}u`)}, j)` : four(b, pair.b, `j${k}`),
  );
  const swap = (i: number): string =>
    !subgroups
      ? `x${i}`
      : [`x${i >> 2}`, ...['X', 'Y', 'Diagonal'].map(way => `quadSwap${way}(x${i >> 2})`)][i & 3];
  // Asked for here, the arrays' lengths, which every read is checked against, are not computed in the loop.
  const sizes = `min(arrayLength(&${a}_words), arrayLength(&${b}_words))`;
  return `{
    ${places.join('\n')}
    let steps = select(0u, (${K} + 3u) >> 2u, ${sizes} > 0u);
    for (var c = 0u; c < steps; c++) {
      let part = mat4x4<f32>(${readB.join(', ')});
      ${readA.join('\n')}
      ${list(R)
        .map(i => `c${i} += ${pair.b.along ? `part * ${swap(i)}` : `${swap(i)} * part`};`)
        .join('\n')}
    }
  }`;
}

/** The module. Workgroups: [⌈N / QUAD_COLUMNS⌉, ⌈M / rows⌉, batches]. */
export function quadWgsl(o: QuadVariant): string {
  const names = quadBindings(o);
  const at = (name: string): number => names.indexOf(name);
  const operand = (name: string, form: OperandForm, along: string, across: string): string =>
    declareOperand(
      { name, format: form.format, columns: form.along ? along : across, aligned: form.aligned, unit: 4 },
      at(`${name}_words`),
    );
  const vectors = o.alignedC && !o.flip;
  const element = vectors ? 'vec4<f32>' : 'f32';
  const storage = (name: string, access = 'read'): string =>
    at(name) < 0 ? '' : `@group(0) @binding(${at(name)}) var<storage, ${access}> ${name}: array<${element}>;`;
  const put = (value: string, place: string, column: string): string =>
    `{ let at = ${place}; var v = p.scale * ${value}; ${o.bias ? `v += bias[${column}];` : ''} ${o.residual ? 'v += residual[at];' : ''}
      ${o.add ? 'v += C[at];' : ''} C[at] = v; }`;
  // After a swap a thread has the row of the thread that it swapped with.
  const row = (i: number): string => (o.subgroups ? `${i & ~3}u + (lane ^ ${i & 3}u)` : `${i}u`);
  const write = (i: number): string => {
    const place = (q: number): string =>
      o.flip ? `(n0 + ${q}u) * p.M + m` : `(batch * p.M + m) * p.N + n0 + ${q}u`;
    const scalars = FOUR.map(q => `if (n0 + ${q}u < p.N) ${put(`c${i}.${AXES[q]}`, place(q), `n0 + ${q}u`)}`);
    const vector = `if (n0 < p.N) ${put(`c${i}`, `(${place(0)}) >> 2u`, 'n0 >> 2u')}`;
    return `{ let m = m0 + ${row(i)}; if (m < p.M) { ${vectors ? vector : scalars.join(' ')} } }`;
  };
  const rows = list(o.rows);
  const first = { a: 'batch * p.rowsA + ', b: 'batch * p.rowsB + p.firstRowB + ' };
  const second = o.second && { ...o.second, whole: o.wholeRank };
  return `${o.subgroups ? 'enable subgroups;' : ''}
struct Params { ${PRODUCT_FIELDS}, scale: f32 }
${operand('a', isScalar(o.a) ? { ...o.a, aligned: false } : o.a, 'p.M', 'p.K')}${operand('b', o.b, 'p.N', 'p.K')}
${o.second ? operand('a2', o.second.a, 'p.M', 'p.rank') + operand('b2', o.second.b, 'p.N', 'p.rank') : ''}
${storage('bias')} ${storage('residual')} ${storage('C', 'read_write')}
@group(0) @binding(${names.length}) var<uniform> p: Params;
@compute @workgroup_size(4)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let m0 = wg.y * ${o.rows}u;
  let n0 = wg.x * ${QUAD_COLUMNS}u + lane * 4u;
  let batch = wg.z;
  ${rows.map(i => `var c${i} = vec4<f32>();`).join(' ')}
  ${second ? addProduct(['a2', 'b2'], second, 'p.rank', { a: '', b: '' }, o) : ''}
  ${second ? rows.map(i => `c${i} *= p.scaling;`).join(' ') : ''}
  ${addProduct(['a', 'b'], o, 'p.K', first, o)}
  ${rows.map(write).join('\n')}
}`;
}
