/** The two products of a layer that training takes, its output and its input's gradient, at the shapes of LFM2-VL-450M. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, PackedWeight, randomNormal, type WeightFormat } from '../../../src/gpu/index.ts';
import type { Product } from '../../../src/gpu/ops/matmul/operands.ts';

/** [outputs, inputs] of its layers. */
export const LAYERS = [
  [4608, 1024],
  [1024, 4608],
  [1024, 1024],
] as const;

export interface LayerProducts {
  /** x of [rows, inputs] times the weight's transpose. */
  y: Product;
  /** dy of [rows, outputs] times the weight. */
  dx: Product;
}

/** Makes the weight and both products of `rows` rows, and takes their memory back once `bench` is done. */
export async function withLayer(
  rows: number,
  [N, K]: readonly [outputs: number, inputs: number],
  format: WeightFormat,
  bench: (products: LayerProducts) => Promise<void>,
): Promise<void> {
  const gpu = gpuBackend()!;
  const weight = PackedWeight.noise(N, K, format, 3, 0.02);
  const [x, dy] = [randomNormal([rows, K], 1, 1), randomNormal([rows, N], 2, 1)];
  const [out, gradient] = [gpu.tensor([rows, N]), gpu.tensor([rows, K])];
  const b = { data: weight.buffers(), format };
  try {
    await bench({
      y: { M: rows, N, K, a: { data: [x], along: false }, b: { ...b, along: false }, out },
      dx: { M: rows, N: K, K: N, a: { data: [dy], along: false }, b: { ...b, along: true }, out: gradient },
    });
  } finally {
    tf.dispose([x, dy, out, gradient]);
    weight.dispose();
  }
}
