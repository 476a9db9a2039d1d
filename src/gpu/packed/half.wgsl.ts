/**
 * How kernels read float16: the one place that depends on whether the device has `shader-f16`. Both ways give the same
 * numbers, and kernels are written once, against `Half4`, `half4` and `half4_bits`.
 */

const USES = /\b(?:half4|half4_bits|Half4)\b/;

/** Pairs in words: what every device reads. */
const WORDS = `
alias Half4 = vec2<u32>;
fn half4(h: Half4) -> vec4<f32> { return vec4<f32>(unpack2x16float(h.x), unpack2x16float(h.y)); }
fn half4_bits(u: vec2<u32>) -> vec4<f32> { return half4(u); }
`;

/** `half4_bits`: sixteen bytes are one load as vec4<u32>; WGSL has no vector of eight halves. */
const NATIVE = `
alias Half4 = vec4<f16>;
fn half4(h: Half4) -> vec4<f32> { return vec4<f32>(h); }
fn half4_bits(u: vec2<u32>) -> vec4<f32> { return vec4<f32>(bitcast<vec4<f16>>(u)); }
`;

/**
 * The module with what it uses of `Half4` (four halves, an array's element), `half4` (as floats) and `half4_bits` (four halves in
 * two words) declared.
 * @param native  the device has `shader-f16`
 */
export function withHalves(code: string, native: boolean): string {
  if (!USES.test(code)) return code;
  return native ? `enable f16;\n${code}${NATIVE}` : code + WORDS;
}
