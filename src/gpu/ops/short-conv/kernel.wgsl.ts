/** Short causal convolution in WGSL. */
import { flatIndex } from '../../fused.ts';

const HEAD = (names: string[]): string => `struct Params { n: u32, T: u32, D: u32, L: u32 }
${names.map((name, i) => `@group(0) @binding(${i}) var<storage, ${i === names.length - 1 ? 'read_write' : 'read'}> ${name}: array<f32>;`).join('\n')}
@group(0) @binding(${names.length}) var<uniform> p: Params;
`;

/** One element a thread. Bindings u, kernel, y. */
export const FORWARD_WGSL = `${HEAD(['u', 'kernel', 'y'])}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.n) { return; }
  let d = i % p.D;
  let t = (i / p.D) % p.T;
  var sum = 0.0;
  for (var back = 0u; back < min(p.L, t + 1u); back++) {
    sum += kernel[d * p.L + p.L - 1u - back] * u[i - back * p.D];
  }
  y[i] = sum;
}`;

/** Gradient by the input, one element a thread. Bindings dy, kernel, du. */
export const GRAD_INPUT_WGSL = `${HEAD(['dy', 'kernel', 'du'])}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.n) { return; }
  let d = i % p.D;
  let t = (i / p.D) % p.T;
  var sum = 0.0;
  for (var ahead = 0u; ahead < min(p.L, p.T - t); ahead++) {
    sum += kernel[d * p.L + p.L - 1u - ahead] * dy[i + ahead * p.D];
  }
  du[i] = sum;
}`;

/** Rows of [B · T] that one thread of the kernel's gradient adds up. */
export const GRAD_ROWS = 64;

/** parts[chunk, d, l], one thread each. Bindings u, dy, parts. */
export const GRAD_KERNEL_WGSL = `${HEAD(['u', 'dy', 'parts'])}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c >= p.D * p.L) { return; }
  let d = c / p.L;
  let back = p.L - 1u - c % p.L;
  var sum = 0.0;
  for (var row = id.y * ${GRAD_ROWS}u; row < min(p.n / p.D, (id.y + 1u) * ${GRAD_ROWS}u); row++) {
    if (row % p.T >= back) { sum += dy[row * p.D + d] * u[(row - back) * p.D + d]; }
  }
  parts[id.y * p.D * p.L + c] = sum;
}`;
