/**
 * Matrix products for real GPUs: a workgroup of 256 threads computes a tile of C, K in steps of 16 through workgroup memory,
 * 8 × 8 outputs a thread at the largest tile. Operands are f32 or packed, either way round; K may go on over a second pair of
 * operands, which is how a LoRA branch is added.
 */
import { declareOperand } from '../../packed/index.ts';
import { PRODUCT_FIELDS, productKey, readBindings, type OperandForm, type ProductForm } from './operands.ts';
import { STEP } from './tile-rule.ts';

export interface TileVariant extends ProductForm {
  /** 64 or 128 rows and columns of C a workgroup. */
  tileM: number;
  tileN: number;
  /**
   * `tail`: tiles from `whole` on are split over K. `all`: all are, so that C and what is added to it are not bound. A split
   * writes its part of a tile to binding `parts`; `sum-splits.wgsl.ts` adds them up.
   */
  split?: 'tail' | 'all';
}

export function tileKey(o: TileVariant): string {
  return `tile-${o.tileM}x${o.tileN}-${productKey(o)}${o.split ? `-${o.split}` : ''}`;
}

/**
 * Names of the storage bindings in order; the uniform comes last: `PRODUCT_FIELDS`, and for splits perSplit (of K), splits,
 * whole, across (tiles side by side).
 */
export function tileBindings(o: TileVariant): string[] {
  return [...readBindings(o), ...(o.split === 'all' ? [] : ['C']), ...(o.split ? ['parts'] : [])];
}

/** One operand's share of a step: into registers r0 … r3, then into its tile. Thread u of `tile` threads. */
function loader(
  name: string,
  { along }: OperandForm,
  tile: number,
  o: { first: string; size: string; rows: string; k: string; scale?: string },
): { load: string; store: string } {
  const times = o.scale ? `${o.scale} * ` : '';
  const across = tile / 4;
  const four = [0, 1, 2, 3];
  if (along)
    return {
      load: four
        .map(
          i => `{ let e = u + ${i * tile}u; let k = k0 + e / ${across}u; let x = ${o.first} + e % ${across}u * 4u;
        r${i} = vec4<f32>(); if (k < ${o.k} && x < ${o.size}) { r${i} = ${times}${name}4(${o.rows} + k, x / 4u); } }`,
        )
        .join('\n'),
      store: four
        .map(
          i =>
            `{ let e = u + ${i * tile}u; TILE[e / ${across}u * ${across + 1}u + e % ${across}u] = r${i}; }`,
        )
        .join('\n'),
    };
  return {
    load: `let c = k0 / 4u + u % 4u; let x = ${o.first} + u / 4u * 4u;
      ${four.map(i => `r${i} = vec4<f32>(); if (c * 4u < ${o.k} && x + ${i}u < ${o.size}) { r${i} = ${times}${name}4(${o.rows} + x + ${i}u, c); }`).join('\n')}`,
    store: four
      .map(
        j =>
          `TILE[(u % 4u * 4u + ${j}u) * ${across + 1}u + u / 4u] = vec4<f32>(${four.map(i => `r${i}.${'xyzw'[j]}`).join(', ')});`,
      )
      .join('\n'),
  };
}

/** The module. Workgroups: [⌈N / tileN⌉, ⌈M / tileM⌉, batches]; with splits as many in a row as there are whole tiles and parts. */
export function tileWgsl(o: TileVariant): string {
  const names = tileBindings(o);
  const at = (name: string): number => names.indexOf(name);
  const operand = (name: string, form: OperandForm, along: string, across: string): string =>
    declareOperand(
      { name, format: form.format, columns: form.along ? along : across, aligned: form.aligned, unit: 4 },
      at(`${name}_words`),
    );
  const g = Array.from({ length: o.tileM / 64 }, (_, i) => i);
  const h = Array.from({ length: o.tileN / 64 }, (_, i) => i);
  const four = [0, 1, 2, 3];
  const [strideA, strideB] = [o.tileM / 4 + 1, o.tileN / 4 + 1];
  const each = (f: (g: number, i: number, h: number) => string): string =>
    g.map(a => four.map(i => h.map(b => f(a, i, b)).join(' ')).join('\n')).join('\n');

  const main = { k: 'last', rows: '' };
  const loadA = loader('a', o.a, o.tileM, { ...main, first: 'm0', size: 'p.M', rows: 'batch * p.rowsA' });
  const loadB = loader('b', o.b, o.tileN, {
    ...main,
    first: 'n0',
    size: 'p.N',
    rows: 'batch * p.rowsB + p.firstRowB',
  });
  const low = { k: 'p.rank', rows: '0u' };
  const second = o.second && {
    a: loader('a2', o.second.a, o.tileM, { ...low, first: 'm0', size: 'p.M', scale: 'p.scaling' }),
    b: loader('b2', o.second.b, o.tileN, { ...low, first: 'n0', size: 'p.N' }),
  };

  const split = (a: string, b: string): string =>
    `if (t < ${o.tileM}u) { let u = t; ${a} } else if (t < ${o.tileM + o.tileN}u) { let u = t - ${o.tileM}u; ${b} }`;
  const load = second
    ? `if (step < steps) { let k0 = begin + step * ${STEP}u; ${split(loadA.load, loadB.load)} }
    else { let k0 = (step - steps) * ${STEP}u; ${split(second.a.load, second.b.load)} }`
    : `let k0 = begin + step * ${STEP}u; ${split(loadA.load, loadB.load)}`;
  const intoTiles = (a: string, b: string): string =>
    split(a.replaceAll('TILE', 'tileA'), b.replaceAll('TILE', 'tileB'));
  const store = second
    ? `if (step < steps) { ${intoTiles(loadA.store, loadB.store)} } else { ${intoTiles(second.a.store, second.b.store)} }`
    : intoTiles(loadA.store, loadB.store);

  const write = (a: number, i: number, b: number): string => {
    const value = `c${a}${i}_${b}`;
    const place = `let m = m0 + ${a * 64 + i}u + ty * 4u; let n = n0 + ${b * 64}u + tx * 4u;`;
    if (o.alignedC)
      return `{ ${place} if (m < p.M && n < p.N) { let at = (out + m * p.N + n) / 4u;
      var v = ${value}; ${o.bias ? 'v += bias[n / 4u];' : ''} ${o.residual ? 'v += residual[at];' : ''} if (p.add == 1u) { v += C[at]; } C[at] = v; } }`;
    return `{ ${place} if (m < p.M) { ${four
      .map(
        e => `if (n + ${e}u < p.N) { let at = out + m * p.N + n + ${e}u;
      var v = ${value}.${'xyzw'[e]}; ${o.bias ? `v += bias[n + ${e}u];` : ''} ${o.residual ? 'v += residual[at];' : ''} if (p.add == 1u) { v += C[at]; } C[at] = v; }`,
      )
      .join(' ')} } }`;
  };
  const part = (a: number, i: number, b: number): string =>
    `parts[rest * ${(o.tileM * o.tileN) / 4}u + (${a * 64 + i}u + ty * 4u) * ${o.tileN / 4}u + ${b * 16}u + tx] = c${a}${i}_${b};`;
  const place = o.split
    ? `let cut = wg.x >= p.whole;
  let rest = select(0u, wg.x - p.whole, cut);
  let tile = select(wg.x, p.whole + rest / p.splits, cut);
  let share = rest % p.splits;
  let m0 = tile / p.across * ${o.tileM}u;
  let n0 = tile % p.across * ${o.tileN}u;
  let batch = 0u;
  let begin = share * p.perSplit;
  let last = select(p.K, min(p.K, begin + p.perSplit), cut);
  let more = !cut || share + 1u == p.splits;`
    : `let m0 = wg.y * ${o.tileM}u;
  let n0 = wg.x * ${o.tileN}u;
  let batch = wg.z;
  let begin = 0u;
  let last = p.K;`;
  const low2 = `(p.rank + ${STEP - 1}u) / ${STEP}u`;
  const more = o.second ? ` + ${o.split ? `select(0u, ${low2}, more)` : low2}` : '';
  const result = {
    none: () => each(write),
    tail: () => `if (cut) { ${each(part)} } else { ${each(write)} }`,
    all: () => each(part),
  }[o.split ?? 'none']();
  const element = o.alignedC ? 'vec4<f32>' : 'f32';
  return `struct Params { ${PRODUCT_FIELDS}, perSplit: u32, splits: u32, whole: u32, across: u32 }
${operand('a', o.a, 'p.M', 'p.K')}${operand('b', o.b, 'p.N', 'p.K')}
${o.second ? operand('a2', o.second.a, 'p.M', 'p.rank') + operand('b2', o.second.b, 'p.N', 'p.rank') : ''}
${o.bias ? `@group(0) @binding(${at('bias')}) var<storage, read> bias: array<${element}>;` : ''}
${o.residual ? `@group(0) @binding(${at('residual')}) var<storage, read> residual: array<${element}>;` : ''}
${o.split === 'all' ? '' : `@group(0) @binding(${at('C')}) var<storage, read_write> C: array<${element}>;`}
${o.split ? `@group(0) @binding(${at('parts')}) var<storage, read_write> parts: array<vec4<f32>>;` : ''}
@group(0) @binding(${names.length}) var<uniform> p: Params;
var<workgroup> tileA: array<vec4<f32>, ${STEP * strideA}>;
var<workgroup> tileB: array<vec4<f32>, ${STEP * strideB}>;
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let tx = t % 16u;
  let ty = t / 16u;
  ${place}
  let steps = (last - begin + ${STEP - 1}u) / ${STEP}u;
  let all = steps${more};
  ${o.split === 'all' ? '' : 'let out = batch * p.M * p.N;'}
  ${each((a, i, b) => `var c${a}${i}_${b} = vec4<f32>();`)}
  var r0 = vec4<f32>(); var r1 = vec4<f32>(); var r2 = vec4<f32>(); var r3 = vec4<f32>();
  { let step = 0u; ${load} }
  for (var step = 0u; step < all; step++) {
    ${store}
    workgroupBarrier();
    // The next step's loads are under way while this one is computed.
    if (step + 1u < all) { let now = step; { let step = now + 1u; ${load} } }
    for (var k = 0u; k < ${STEP}u; k++) {
      ${g.map(a => `let a${a} = tileA[k * ${strideA}u + ty + ${16 * a}u];`).join(' ')}
      ${h.map(b => `let b${b} = tileB[k * ${strideB}u + tx + ${16 * b}u];`).join(' ')}
      ${each((a, i, b) => `c${a}${i}_${b} = fma(vec4<f32>(a${a}.${'xyzw'[i]}), b${b}, c${a}${i}_${b});`)}
    }
    workgroupBarrier();
  }
  ${result}
}`;
}
