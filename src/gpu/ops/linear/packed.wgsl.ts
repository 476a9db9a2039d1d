/** dx = dy W on packed weights for software adapters: registers only, no barrier. */
import { declareOperand, operandBindings, type WeightFormat } from '../../packed/index.ts';

export interface PackedGradient {
  format: WeightFormat;
  /** K, the columns of W, is a multiple of 4. */
  aligned: boolean;
}

/**
 * 4 rows × 16 columns a thread. Bindings dy [M, N], W's, out [M, K]; uniform M, N, K, add.
 * Workgroups of 16 threads: [⌈K / 256⌉, ⌈M / 4⌉, 1].
 */
export function packedGradientWgsl({ format, aligned }: PackedGradient): string {
  const four = [0, 1, 2, 3];
  const each = (f: (i: number, q: number) => string): string =>
    four.map(i => four.map(q => f(i, q)).join(' ')).join('\n');
  const words = operandBindings({ name: 'w', format }).length;
  return `struct Params { M: u32, N: u32, K: u32, add: u32 }
@group(0) @binding(0) var<storage, read> dy: array<f32>;
${declareOperand({ name: 'w', format, columns: 'p.K', aligned, unit: 4 }, 1)}
@group(0) @binding(${1 + words}) var<storage, read_write> out: array<f32>;
@group(0) @binding(${2 + words}) var<uniform> p: Params;
fn put(m: u32, c: u32, value: vec4<f32>) {
  if (m >= p.M) { return; }
  for (var e = 0u; e < 4u; e++) {
    if (c * 4u + e >= p.K) { return; }
    let at = m * p.K + c * 4u + e;
    if (p.add == 1u) { out[at] += value[e]; } else { out[at] = value[e]; }
  }
}
@compute @workgroup_size(16) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let fours = (p.K + 3u) / 4u;
  let c = id.x * 4u;
  let m = id.y * 4u;
  if (c >= fours) { return; }
  ${each((i, q) => `var s${i}_${q} = vec4<f32>();`)}
  ${four.map(q => `let c${q} = min(c + ${q}u, fours - 1u);`).join(' ')}
  ${four.map(i => `let at${i} = min(m + ${i}u, p.M - 1u) * p.N;`).join(' ')}
  for (var n = 0u; n < p.N; n++) {
    ${four.map(q => `let w${q} = w4(n, c${q});`).join(' ')}
    ${four.map(i => `let d${i} = vec4<f32>(dy[at${i} + n]);`).join(' ')}
    ${each((i, q) => `s${i}_${q} = fma(d${i}, w${q}, s${i}_${q});`)}
  }
  ${each((i, q) => `if (c + ${q}u < fours) { put(m + ${i}u, c + ${q}u, s${i}_${q}); }`)}
}`;
}
