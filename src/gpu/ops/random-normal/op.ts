/** Normal numbers made where they are used: random weights of any size without an upload. */
import type * as tf from '@tensorflow/tfjs-core';
import { tensor } from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { flatIndex, grid, params } from '../../fused.ts';
import { normalArray, PCG_WGSL } from '../../random.ts';

/** Box and Muller's transform of the same uniforms as `normalArray`; the device's logarithm and cosine decide the last bits. */
const NORMAL_WGSL = `${PCG_WGSL}
struct Params { count: u32, key: u32, deviation: f32 }
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<uniform> p: Params;
fn uniform01(counter: u32) -> f32 { return (f32(pcg(p.key ^ pcg(counter + 1u)) >> 8u) + 0.5) / 16777216.0; }
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.count) { return; }
  let radius = sqrt(-2.0 * log(uniform01(2u * i)));
  out[i] = p.deviation * radius * cos(6.28318530718 * uniform01(2u * i + 1u));
}`;

/** Normal numbers of mean 0: about those of `normalArray(key, …)`, made on the GPU where there is one. For benchmarks and tests. */
export function randomNormal(shape: number[], key: number, deviation: number): tf.Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const gpu = gpuBackend();
  if (!gpu) return tensor(normalArray(key, count, 0, deviation), shape);
  const out = gpu.tensor(shape);
  gpu.dispatch(
    'random-normal',
    NORMAL_WGSL,
    [out],
    params(count, key >>> 0, { f32: deviation }),
    grid(count),
  );
  return out;
}
