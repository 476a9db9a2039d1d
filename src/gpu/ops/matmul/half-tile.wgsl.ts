/**
 * Matrix products by matrix units (chromium-experimental-subgroup-matrix): a workgroup's tile of C is shared out to its
 * subgroups, K goes through workgroup memory as float16, sums are float32. What a layer adds is added to the sums, in float32.
 */
import { MATRIX_DIRECTIVES, type MatrixUnit } from '../../half.ts';
import { declareOperand, EIGHT_WGSL, operandBindings, type WeightFormat } from '../../packed/index.ts';

/** How a workgroup computes its tile. */
export interface HalfForm {
  tileM: 64 | 128 | 256;
  tileN: 64 | 128 | 256;
  threads: 128 | 256;
  /** Numbers of K that go through workgroup memory at once. */
  step: 32 | 64;
  /** Copies of the tiles in workgroup memory: with two, one is filled while the other is read, and one barrier less is met. */
  buffers: 1 | 2;
}

export interface HalfVariant {
  form: HalfForm;
  unit: MatrixUnit;
  format: Exclude<WeightFormat, 'f32'>;
  /** The weight is stored with the summed dimension down its rows, [K, N]; else [N, K]. */
  along: boolean;
  /** N is a multiple of 4. */
  alignedC: boolean;
  /** Adds scaling · low up, both float32: low [M, rank], up [rank, N] (along) or [N, rank]. */
  second?: { along: boolean; aligned: boolean };
  bias?: boolean;
  residual?: boolean;
  /** Bytes of workgroup memory that the device has. */
  memory: number;
}

/** Rows of `halves` are padded with zeros to a multiple of this. */
export const HALF_COLUMNS = 64;

/** What a row in workgroup memory is longer by, in fours of halves, so that the rows of a small matrix lie in other banks. */
const PAD = 2;

export const halfTileKey = (o: HalfVariant): string => `half-tile ${JSON.stringify(o)}`;

/** Names of the storage bindings in order; the uniform comes last: M, N, K, add, rank, scaling. */
export function halfTileBindings(o: HalfVariant): string[] {
  return [
    'halves',
    'scales',
    ...operandBindings({ name: 'w', format: o.format }),
    ...(o.second ? ['low', 'up'] : []),
    ...(o.bias ? ['bias'] : []),
    ...(o.residual ? ['residual'] : []),
    'C',
  ];
}

/** Subgroups side by side in a workgroup's tile, each with a part of it that is as square as can be. */
function shares({ form, unit }: Pick<HalfVariant, 'form' | 'unit'>): { down: number; across: number } {
  const subgroups = form.threads / unit.subgroup;
  let best = { down: 1, across: subgroups };
  const edge = ({ down, across }: typeof best): number => form.tileM / down + form.tileN / across;
  for (let down = 1; down <= subgroups; down *= 2) {
    const across = subgroups / down;
    const fits = form.tileM % (down * unit.rows) === 0 && form.tileN % (across * unit.columns) === 0;
    const bestFits =
      form.tileM % (best.down * unit.rows) === 0 && form.tileN % (best.across * unit.columns) === 0;
    if (fits && (!bestFits || edge({ down, across }) <= edge(best))) best = { down, across };
  }
  return best;
}

/** Where a subgroup's rows of A and columns of B lie in workgroup memory, in fours of halves. */
function layout({ form, unit, along }: Pick<HalfVariant, 'form' | 'unit' | 'along'>) {
  const { down, across } = shares({ form, unit });
  const [partM, partN] = [form.tileM / down, form.tileN / across];
  const strideA = form.step / 4 + PAD;
  const strideB = along ? partN / 4 + PAD : strideA;
  return {
    down,
    across,
    partM,
    partN,
    strideA,
    strideB,
    sizeA: partM * strideA,
    sizeB: (along ? form.step : partN) * strideB,
  };
}

/** Bytes of workgroup memory that the variant takes at least. */
export function halfTileBytes(o: Pick<HalfVariant, 'form' | 'unit' | 'along'>): number {
  const { down, across, sizeA, sizeB } = layout(o);
  return (
    o.form.buffers * (down * sizeA + across * sizeB) * 8 + down * across * o.unit.rows * o.unit.columns * 4
  );
}

/** The module. Workgroups: [⌈N / tileN⌉, ⌈M / tileM⌉, 1]; `halves` and `scales` have rows for whole tiles. */
export function halfTileWgsl(o: HalfVariant): string {
  const { form, unit, along } = o;
  const { tileM, tileN, threads, buffers, step } = form;
  const names = halfTileBindings(o);
  const at = (name: string): number => names.indexOf(name);
  const list = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  const { down, across, partM, partN, strideA, strideB, sizeA, sizeB } = layout(o);
  const [fragmentsM, fragmentsN] = [partM / unit.rows, partN / unit.columns];
  // The sums leave through workgroup memory, which gives the threads rows: as many small matrices at once as it holds.
  const small = down * across * unit.rows * unit.columns * 4;
  const outRow = halfTileBytes(o) + small * (fragmentsN - 1) <= o.memory ? fragmentsN : 1;
  const outWidth = (outRow * unit.columns) / 4;
  const sizeOut = unit.rows * outWidth;
  const element = o.alignedC ? 'vec4<f32>' : 'f32';

  const eights = (tileM * step) / 8 / threads;
  const eightsB = (tileN * step) / 8 / threads;
  const perRow = step / 8;
  const perRowB = along ? tileN / 8 : perRow;
  const place = (i: number, perRow: number): string =>
    `let e = t + ${i * threads}u; let row = e / ${perRow}u; let c = e % ${perRow}u;`;
  const load = [
    ...list(eights).map(
      i => `{ ${place(i, perRow)} ra${i} = halves[(m0 + row) * row_eights + step * ${perRow}u + c]; }`,
    ),
    ...list(eightsB).map(i =>
      along
        ? `{ ${place(i, perRowB)} let k = step * ${step}u + row; let x = n0 / 8u + c;
      rb${i} = vec4<u32>(); if (k < p.K && x * 8u < p.N) { rb${i} = weight(k, x); } }`
        : `{ ${place(i, perRowB)} let n = n0 + row; let x = step * ${perRowB}u + c;
      rb${i} = vec4<u32>(); if (n < p.N && x * 8u < p.K) { rb${i} = weight(n, x); } }`,
    ),
  ].join('\n');
  const put = (tile: string, part: string, at: string, register: string): string =>
    `${tile}[${part}][${at}] = bitcast<vec4<f16>>(${register}.xy); ${tile}[${part}][${at} + 1u] = bitcast<vec4<f16>>(${register}.zw);`;
  const store = [
    ...list(eights).map(
      i =>
        `{ ${place(i, perRow)} let into = copy * ${down}u + row / ${partM}u; let at = row % ${partM}u * ${strideA}u + c * 2u; ${put('tileA', 'into', 'at', `ra${i}`)} }`,
    ),
    ...list(eightsB).map(i =>
      along
        ? `{ ${place(i, perRowB)} let into = copy * ${across}u + c / ${partN / 8}u; let at = row * ${strideB}u + c % ${partN / 8}u * 2u; ${put('tileB', 'into', 'at', `rb${i}`)} }`
        : `{ ${place(i, perRowB)} let into = copy * ${across}u + row / ${partN}u; let at = row % ${partN}u * ${strideB}u + c * 2u; ${put('tileB', 'into', 'at', `rb${i}`)} }`,
    ),
  ].join('\n');

  // Offsets and strides are constants, so that no check of bounds is compiled in: what depends on the subgroup is an index.
  const left = `subgroup_matrix_left<f16, ${unit.depth}, ${unit.rows}>`;
  const right = `subgroup_matrix_right<f16, ${unit.columns}, ${unit.depth}>`;
  const multiply = list(step / unit.depth)
    .map(k => {
      const loadA = (i: number): string =>
        `let a${i} = subgroupMatrixLoad<${left}, row_major>(&tileA[of_a], ${i * unit.rows * strideA + (k * unit.depth) / 4}u, ${strideA}u);`;
      const loadB = (j: number): string =>
        along
          ? `let b${j} = subgroupMatrixLoad<${right}, row_major>(&tileB[of_b], ${k * unit.depth * strideB + (j * unit.columns) / 4}u, ${strideB}u);`
          : `let b${j} = subgroupMatrixLoad<${right}, col_major>(&tileB[of_b], ${j * unit.columns * strideB + (k * unit.depth) / 4}u, ${strideB}u);`;
      return `{ ${list(fragmentsM).map(loadA).join('\n')}
      ${list(fragmentsN).map(loadB).join('\n')}
      ${list(fragmentsM)
        .map(i =>
          list(fragmentsN)
            .map(j => `c${i}_${j} = subgroupMatrixMultiplyAccumulate(a${i}, b${j}, c${i}_${j});`)
            .join(' '),
        )
        .join('\n')}
    }`;
    })
    .join('\n');

  const leave = list(fragmentsM)
    .flatMap(i => list(fragmentsN / outRow).map(j => ({ i, j: j * outRow })))
    .map(
      ({ i, j }) => `
  ${list(outRow)
    .map(
      q =>
        `subgroupMatrixStore<row_major>(&sums[group], ${(q * unit.columns) / 4}u, c${i}_${j + q}, ${outWidth}u);`,
    )
    .join('\n')}
  workgroupBarrier();
  for (var e = lane; e < ${sizeOut}u; e += ${unit.subgroup}u) {
    put(m0 + down * ${partM}u + ${i * unit.rows}u + e / ${outWidth}u, n0 + across * ${partN}u + ${j * unit.columns}u + e % ${outWidth}u * 4u, sums[group][e]);
  }
  workgroupBarrier();`,
    )
    .join('');

  return `${MATRIX_DIRECTIVES}struct Params { M: u32, N: u32, K: u32, add: u32, rank: u32, scaling: f32 }
@group(0) @binding(${at('halves')}) var<storage, read> halves: array<vec4<u32>>;
@group(0) @binding(${at('scales')}) var<storage, read> scales: array<f32>;
${EIGHT_WGSL}${declareOperand({ name: 'w', format: o.format, columns: along ? 'p.N' : 'p.K', aligned: true, unit: 8 }, at('w_words'))}
${o.second ? `@group(0) @binding(${at('low')}) var<storage, read> low: array<f32>;\n@group(0) @binding(${at('up')}) var<storage, read> up: array<${o.second.aligned ? 'vec4<f32>' : 'f32'}>;` : ''}
${o.bias ? `@group(0) @binding(${at('bias')}) var<storage, read> bias: array<${element}>;` : ''}
${o.residual ? `@group(0) @binding(${at('residual')}) var<storage, read> residual: array<${element}>;` : ''}
@group(0) @binding(${at('C')}) var<storage, read_write> C: array<${element}>;
@group(0) @binding(${names.length}) var<uniform> p: Params;
var<workgroup> tileA: array<array<vec4<f16>, ${sizeA}>, ${buffers * down}>;
var<workgroup> tileB: array<array<vec4<f16>, ${sizeB}>, ${buffers * across}>;
var<workgroup> sums: array<array<vec4<f32>, ${sizeOut}>, ${down * across}>;
${weightWgsl(o)}
${putWgsl(o)}
@compute @workgroup_size(${threads}) fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32, @builtin(subgroup_id) group: u32, @builtin(subgroup_invocation_id) lane: u32) {
  let m0 = wg.y * ${tileM}u;
  let n0 = wg.x * ${tileN}u;
  let down = group / ${across}u;
  let across = group % ${across}u;
  let steps = (p.K + ${step - 1}u) / ${step}u;
  let row_eights = (p.K + ${HALF_COLUMNS - 1}u) / ${HALF_COLUMNS}u * ${HALF_COLUMNS / 8}u;
  ${list(fragmentsM)
    .map(i =>
      list(fragmentsN)
        .map(j => `var c${i}_${j} = subgroup_matrix_result<f32, ${unit.columns}, ${unit.rows}>();`)
        .join(' '),
    )
    .join('\n')}
  ${list(eights)
    .map(i => `var ra${i} = vec4<u32>();`)
    .join(' ')}
  ${list(eightsB)
    .map(i => `var rb${i} = vec4<u32>();`)
    .join(' ')}
  { let step = 0u; ${load} }
  for (var now = 0u; now < steps; now++) {
    let copy = ${buffers === 2 ? 'now % 2u' : '0u'};
    ${store}
    workgroupBarrier();
    // The next step's loads are under way while this one is computed.
    if (now + 1u < steps) { let step = now + 1u; ${load} }
    let of_a = copy * ${down}u + down;
    let of_b = copy * ${across}u + across;
    ${multiply}
    ${buffers === 2 ? '' : 'workgroupBarrier();'}
  }
  ${leave}
}`;
}

/** `weight(row, c)`: eight neighbours of a stored row as halves. */
function weightWgsl({ format, along }: HalfVariant): string {
  const f = 'fn weight(row: u32, c: u32) -> vec4<u32> {';
  if (format === 'f16') return `${f} return w_words[row * ((${along ? 'p.N' : 'p.K'} + 7u) / 8u) + c]; }`;
  // A scale may be float16's largest.
  return `fn half_of(x: vec4<f32>) -> vec2<u32> { return bitcast<vec2<u32>>(vec4<f16>(clamp(x, vec4<f32>(-65504.0), vec4<f32>(65504.0)))); }
${f} let w = w8(row, c); return vec4<u32>(half_of(w.lo), half_of(w.hi)); }`;
}

/** `put(m, n, sum)`: four neighbours of C. */
function putWgsl({ second, alignedC, bias, residual }: HalfVariant): string {
  const four = [0, 1, 2, 3];
  const up = (e: number, j: string): string =>
    second!.along
      ? `up[${j} * p.N + min(n + ${e}u, p.N - 1u)]`
      : `up[min(n + ${e}u, p.N - 1u) * p.rank + ${j}]`;
  const branch = (): string => {
    if (second!.aligned && second!.along)
      return `for (var j = 0u; j < p.rank; j++) { branch += low[m * p.rank + j] * up[(j * p.N + n) / 4u]; }`;
    if (second!.aligned)
      return `for (var j = 0u; j < p.rank; j += 4u) {
    let l = vec4<f32>(${four.map(i => `low[m * p.rank + j + ${i}u]`).join(', ')});
    branch += vec4<f32>(${four.map(e => `dot(l, up[(min(n + ${e}u, p.N - 1u) * p.rank + j) / 4u])`).join(', ')});
  }`;
    return `for (var j = 0u; j < p.rank; j++) { branch += low[m * p.rank + j] * vec4<f32>(${four.map(e => up(e, 'j')).join(', ')}); }`;
  };
  const write = alignedC
    ? `let at = (m * p.N + n) / 4u;
  ${bias ? 'v += bias[n / 4u];' : ''} ${residual ? 'v += residual[at];' : ''}
  if (p.add == 1u) { v += C[at]; }
  C[at] = v;`
    : `for (var e = 0u; e < min(4u, p.N - n); e++) {
    let at = m * p.N + n + e;
    var one = v[e]; ${bias ? 'one += bias[n + e];' : ''} ${residual ? 'one += residual[at];' : ''}
    if (p.add == 1u) { one += C[at]; }
    C[at] = one;
  }`;
  return `fn put(m: u32, n: u32, sum: vec4<f32>) {
  if (m >= p.M || n >= p.N) { return; }
  var v = scales[m] * sum;
  ${second ? `var branch = vec4<f32>(); ${branch()} v += p.scaling * branch;` : ''}
  ${write}
}`;
}
