/** Bytes to floats in WGSL. */
import { flatIndex } from '../../fused.ts';

/** Four bytes a thread. Bindings words, table [channels, 256], out (room for whole words). */
export const BYTE_VALUES_WGSL = `struct Params { words: u32, channels: u32, size: u32, b: u32 }
@group(0) @binding(0) var<storage, read> words: array<u32>;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.words) { return; }
  let word = words[i];
  for (var e = 0u; e < 4u; e++) {
    let at = 4u * i + e;
    if (at >= p.size) { return; }
    out[at] = table[at % p.channels * 256u + ((word >> (8u * e)) & 255u)];
  }
}`;
