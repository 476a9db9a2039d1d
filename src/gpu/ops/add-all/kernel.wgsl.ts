/** Sums of several pairs of tensors in one dispatch, in place. */
import { flatIndex } from '../../fused.ts';

/** Pairs of a dispatch: a shader may bind eight buffers on any adapter. */
export const MOST_PAIRS = 4;

/** sums[i] += addends[i] for each pair. Bindings sum and addend of each; a thread has one number of each. */
export function addPairsWgsl(pairs: number): string {
  const each = (f: (i: number) => string): string => Array.from({ length: pairs }, (_, i) => f(i)).join('\n');
  return `struct Params { n: vec4<u32> }
${each(
  i => `@group(0) @binding(${2 * i}) var<storage, read_write> sum${i}: array<f32>;
@group(0) @binding(${2 * i + 1}) var<storage, read> addend${i}: array<f32>;`,
)}
@group(0) @binding(${2 * pairs}) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
${each(i => `  if (i < p.n[${i}]) { sum${i}[i] += addend${i}[i]; }`)}
}`;
}
