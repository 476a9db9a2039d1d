/** Adds up the parts of tiles that were split over K. */
import { flatIndex } from '../../fused.ts';

export interface SumVariant {
  tileM: number;
  tileN: number;
  /** Binding `bias` [N] is added. */
  bias: boolean;
  /** Binding `residual` [M, N] is added. */
  residual: boolean;
  /** N is a multiple of 4. */
  alignedC: boolean;
}

export function sumSplitsKey(o: SumVariant): string {
  return `sum-splits-${o.tileM}x${o.tileN}${o.bias ? '-bias' : ''}${o.residual ? '-residual' : ''}${o.alignedC ? '' : '-odd'}`;
}

/** Invocations: four numbers of a tile each. Bindings parts[, bias][, residual], C. */
export function sumSplitsWgsl(o: SumVariant): string {
  const names = ['parts', ...(o.bias ? ['bias'] : []), ...(o.residual ? ['residual'] : []), 'C'];
  const element = o.alignedC ? 'vec4<f32>' : 'f32';
  const declare = (name: string, i: number): string =>
    `@group(0) @binding(${i}) var<storage, ${name === 'C' ? 'read_write' : 'read'}> ${name}: array<${name === 'parts' ? 'vec4<f32>' : element}>;`;
  const across = o.tileN / 4;
  const area = o.tileM * across;
  // In the order in which a whole tile adds them.
  const write = (at: string, column: string, value: string): string =>
    `{ var v = ${value}; ${o.bias ? `v += bias[${column}];` : ''} ${o.residual ? `v += residual[${at}];` : ''} if (p.add == 1u) { v += C[${at}]; } C[${at}] = v; }`;
  return `struct Params { M: u32, N: u32, splits: u32, whole: u32, across: u32, tiles: u32, add: u32 }
${names.map(declare).join('\n')}
@group(0) @binding(${names.length}) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  let rest = i / ${area}u;
  let e = i % ${area}u;
  let tile = p.whole + rest;
  let m = tile / p.across * ${o.tileM}u + e / ${across}u;
  let n = tile % p.across * ${o.tileN}u + e % ${across}u * 4u;
  if (rest >= p.tiles || m >= p.M || n >= p.N) { return; }
  var sum = vec4<f32>();
  for (var s = 0u; s < p.splits; s++) { sum += parts[(rest * p.splits + s) * ${area}u + e]; }
  let at = m * p.N + n;
  ${
    o.alignedC
      ? write('at / 4u', 'n / 4u', 'sum')
      : [0, 1, 2, 3]
          .map(c => `if (n + ${c}u < p.N) ${write(`at + ${c}u`, `n + ${c}u`, `sum[${c}]`)}`)
          .join('\n  ')
  }
}`;
}
