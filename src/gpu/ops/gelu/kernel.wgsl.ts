/** GELU in WGSL, with erf or with tanh. */
import { flatIndex } from '../../fused.ts';

export type GeluKind = 'erf' | 'tanh';

/** Φ(x) as `cdf(x)` and its derivative as `density(x)`; with tanh, of the approximation. */
const FUNCTIONS: Record<GeluKind, string> = {
  // erf to 1.5e-7: Abramowitz & Stegun 7.1.26.
  erf: `fn cdf(x: f32) -> f32 {
  let z = abs(x) * ${Math.SQRT1_2};
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * exp(-z * z);
  return select(0.5 * tail, 1.0 - 0.5 * tail, x >= 0.0);
}
fn density(x: f32) -> f32 { return ${1 / Math.sqrt(2 * Math.PI)} * exp(-0.5 * x * x); }`,
  // tanh(u) from exp(-2 |u|), which cannot overflow.
  tanh: `fn bend(x: f32) -> f32 {
  let u = ${Math.sqrt(2 / Math.PI)} * (x + 0.044715 * x * x * x);
  let e = exp(-2.0 * abs(u));
  return sign(u) * (1.0 - e) / (1.0 + e);
}
fn cdf(x: f32) -> f32 { return 0.5 + 0.5 * bend(x); }
fn density(x: f32) -> f32 {
  let t = bend(x);
  return 0.5 * (1.0 - t * t) * ${Math.sqrt(2 / Math.PI)} * (1.0 + ${3 * 0.044715} * x * x);
}`,
};

const head = (kind: GeluKind, names: string[]): string => `struct Params { n: u32, a: u32, b: u32, c: u32 }
${names.map((name, i) => `@group(0) @binding(${i}) var<storage, ${i === names.length - 1 ? 'read_write' : 'read'}> ${name}: array<f32>;`).join('\n')}
@group(0) @binding(${names.length}) var<uniform> p: Params;
${FUNCTIONS[kind]}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.n) { return; }`;

/** Bindings x, y. */
export const forwardWgsl = (kind: GeluKind): string => `${head(kind, ['x', 'y'])}
  y[i] = x[i] * cdf(x[i]);
}`;

/** Bindings x, dy, dx. */
export const gradWgsl = (kind: GeluKind): string => `${head(kind, ['x', 'dy', 'dx'])}
  dx[i] = dy[i] * (cdf(x[i]) + x[i] * density(x[i]));
}`;
