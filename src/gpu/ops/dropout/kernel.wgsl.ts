/** Dropout in WGSL. */
import { flatIndex } from '../../fused.ts';
import { PCG_WGSL } from '../../random.ts';

/** Bindings x, y. */
export const DROPOUT_WGSL = `${PCG_WGSL}
struct Params { count: u32, key: u32, dropped: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.count) { return; }
  let kept = (pcg(p.key ^ pcg(i + 1u)) >> 8u) >= p.dropped;
  y[i] = select(0.0, x[i] * p.scale, kept);
}`;
