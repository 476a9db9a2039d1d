import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { gpuBackend } from '../backend.ts';
import { embedPacked } from '../ops/embed/op.ts';
import { linear } from '../ops/linear/op.ts';
import { normalArray } from '../random.ts';
import { readTensor } from '../read.ts';
import { onDeviceWith } from '../testing.ts';
import { PackedWeight } from './index.ts';

/** What `make` gives with float16 read natively, and by words. */
async function bothWays(make: () => tf.Tensor[]): Promise<[native: Uint32Array[], words: Uint32Array[]]> {
  const { half } = gpuBackend()!.gpu;
  const results: Uint32Array[][] = [];
  try {
    for (const native of [true, false]) {
      half.native = native;
      const tensors = tf.tidy(make);
      const read = await Promise.all(tensors.map(tensor => readTensor(tensor)));
      results.push(read.map(values => new Uint32Array(Float32Array.from(values).buffer)));
      tf.dispose(tensors);
    }
  } finally {
    half.native = true;
  }
  return results as [Uint32Array[], Uint32Array[]];
}

onDeviceWith('native', 'every finite float16 is read natively as it is by words, to the bit', async () => {
  // Infinities and what is not a number have no place in weights, and many bits.
  const bits = Uint16Array.from({ length: 65_536 }, (_, i) => ((i & 0x7c00) === 0x7c00 ? 0 : i));
  const weight = PackedWeight.fromHalf(bits, 64, 1024);
  const ids = tf.tensor1d(
    Int32Array.from({ length: 64 }, (_, i) => i),
    'int32',
  );
  const [native, words] = await bothWays(() => [weight.floats(), embedPacked(weight, ids)]);
  expect(native[0]).toEqual(words[0]);
  expect(native[1]).toEqual(words[0]);
  const values = new Float32Array(native[0].buffer);
  expect([values[1], values[0x3555], values[0xfbff]]).toEqual([2 ** -24, 0x555 / 4096, -65504]);
  ids.dispose();
  weight.dispose();
});

onDeviceWith(
  'native',
  'layers and their gradients are the same bits with float16 read natively',
  async () => {
    const [N, K] = [72, 70];
    const weight = PackedWeight.pack(normalArray(1, N * K), N, K, 'f16');
    // Thin and tall products.
    for (const M of [3, 70]) {
      const x = tf.tensor2d(normalArray(2, M * K), [M, K]);
      const dy = tf.tensor2d(normalArray(3, M * N), [M, N]);
      const grad = tf.grad(x => linear(x as tf.Tensor2D, weight));
      const [native, words] = await bothWays(() => [linear(x, weight), grad(x, dy)]);
      expect(native, `${M} rows`).toEqual(words);
      tf.dispose([x, dy]);
    }
    weight.dispose();
  },
);
