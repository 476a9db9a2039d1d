/** SiLU in WGSL. */
import { flatIndex } from '../../fused.ts';

const HEAD = (names: string[]): string => `struct Params { n: u32, a: u32, b: u32, c: u32 }
${names.map((name, i) => `@group(0) @binding(${i}) var<storage, ${i === names.length - 1 ? 'read_write' : 'read'}> ${name}: array<f32>;`).join('\n')}
@group(0) @binding(${names.length}) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.n) { return; }`;

/** Bindings x, y. */
export const FORWARD_WGSL = `${HEAD(['x', 'y'])}
  y[i] = x[i] / (1.0 + exp(-x[i]));
}`;

/** Bindings x, dy, dx. */
export const GRAD_WGSL = `${HEAD(['x', 'dy', 'dx'])}
  let s = 1.0 / (1.0 + exp(-x[i]));
  dx[i] = dy[i] * s * (1.0 + x[i] * (1.0 - s));
}`;
