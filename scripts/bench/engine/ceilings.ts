/** What this device can do at best, measured the plain way: bytes copied and multiplications done a second. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../../src/gpu/index.ts';
import { timed } from './timing.ts';

export interface Ceilings {
  /** Bytes read plus bytes written a second, GB. */
  copyGBs: number;
  /** f32 products of square matrices of this size, TFLOP/s. */
  matmulSize: number;
  matmulTflops: number;
}

const COPY_WGSL = `
@group(0) @binding(0) var<storage, read> source: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> copied: array<vec4<u32>>;
@compute @workgroup_size(256) fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) n: vec3<u32>) {
  for (var i = id.x; i < arrayLength(&source); i += n.x * 256u) { copied[i] = source[i]; }
}`;

export async function measureCeilings(): Promise<Ceilings> {
  const gpu = gpuBackend()!;
  const size = gpu.software ? 256 : 4096;
  const elements = gpu.software ? 2 ** 21 : 2 ** 28;
  const buffers = [0, 1].map(() => gpu.tensor([elements]));
  const copies = gpu.software ? 2 : 10;
  const copySeconds = await timed(3, () => {
    for (let i = 0; i < copies; i++) {
      const pair = i % 2 ? [buffers[1], buffers[0]] : buffers;
      gpu.dispatch('bench-copy', COPY_WGSL, pair, null, [gpu.software ? 64 : 8192, 1, 1]);
    }
  });
  tf.dispose(buffers);
  gpu.trim();

  const products = gpu.software ? 2 : 10;
  const factor = tf.fill([size, size], 1 / size) as tf.Tensor2D;
  const matmulSeconds = await timed(3, () => {
    tf.tidy(() => {
      let x = factor;
      for (let i = 0; i < products; i++) x = tf.matMul(x, factor);
    });
  });
  factor.dispose();
  gpu.trim();
  return {
    copyGBs: (copies * 2 * elements * 4) / copySeconds / 1e9,
    matmulSize: size,
    matmulTflops: (products * 2 * size ** 3) / matmulSeconds / 1e12,
  };
}
