/** The gate of a gated MLP in WGSL: silu(a) ⊙ b. */
import { flatIndex } from '../../fused.ts';

/** Numbers that one thread takes: four where the count allows. */
export type Lanes = 1 | 4;

const head = (lanes: Lanes, inputs: string[], outputs: string[]): string => {
  const type = lanes === 4 ? 'vec4<f32>' : 'f32';
  const declare = (name: string, i: number): string =>
    `@group(0) @binding(${i}) var<storage, ${outputs.includes(name) ? 'read_write' : 'read'}> ${name}: array<${type}>;`;
  const names = [...inputs, ...outputs];
  return `struct Params { n: u32, a: u32, b: u32, c: u32 }
${names.map(declare).join('\n')}
@group(0) @binding(${names.length}) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.n) { return; }
  let s = 1.0 / (1.0 + exp(-a[i]));`;
};

/** Bindings a, b, y; n threads. */
export const forwardWgsl = (lanes: Lanes): string => `${head(lanes, ['a', 'b'], ['y'])}
  y[i] = a[i] * s * b[i];
}`;

/** Bindings a, b, dy, da, db; n threads. */
export const gradWgsl = (lanes: Lanes): string => `${head(lanes, ['a', 'b', 'dy'], ['da', 'db'])}
  da[i] = dy[i] * b[i] * s * (1.0 + a[i] * (1.0 - s));
  db[i] = dy[i] * a[i] * s;
}`;
