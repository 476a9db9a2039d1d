import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { gpuMemory, readTensor } from '../read.ts';
import { normalArray } from '../random.ts';
import { expectClose, onBothBackends } from '../testing.ts';
import { PackedWeight, rounded, WEIGHT_FORMATS, type WeightFormat } from './index.ts';

const SHAPES = [
  [3, 5],
  [4, 64],
  [7, 33],
  [65, 100],
];

/**
 * Exactly what `rounded` gives, on every adapter. Only a value that lies halfway between two levels, within what float32
 * loses in a division, may be on either.
 */
function expectRounded(
  got: ArrayLike<number>,
  values: Float32Array,
  columns: number,
  format: WeightFormat,
): void {
  const ideal = rounded(values, columns, format);
  for (let i = 0; i < values.length; i++) {
    const off = Math.abs(got[i] - values[i]) - Math.abs(ideal[i] - values[i]);
    const exact = format === 'f32' || format === 'f16';
    const largest = Math.max(
      ...Array.from(values.subarray(i - (i % columns), i - (i % columns) + columns), Math.abs),
    );
    expect(Math.abs(off), `${format} at ${i}: got ${got[i]}, not ${ideal[i]}`).toBeLessThanOrEqual(
      exact ? 0 : largest * 1e-6,
    );
  }
}

for (const format of WEIGHT_FORMATS) {
  onBothBackends(`a matrix packed as ${format} reads as the nearest values that the format has`, async () => {
    for (const [rows, columns] of SHAPES) {
      const values = normalArray(rows, rows * columns, 0, 0.05);
      // A group of zeros has no scale; an outlier sets its group's.
      values.fill(0, 0, columns);
      values[values.length - 1] = 3;
      const weight = PackedWeight.pack(values, rows, columns, format);
      const read = weight.floats();
      const got = await readTensor(read);
      expectRounded(got, values, columns, format);
      const some = weight.floats(1, 2);
      expect(await readTensor(some)).toEqual(got.slice(columns, 3 * columns));
      tf.dispose([read, some]);
      weight.dispose();
    }
  });
}

onBothBackends('packing keeps within half a level of the values', async () => {
  const values = normalArray(4, 6 * 96);
  for (const [format, bound] of [
    ['f16', 4 * 2 ** -11],
    ['int8', 4 / 127 / 2 + 1e-3],
    ['int4', 4 / 7 / 2 + 2e-3],
  ] as const) {
    const packed = rounded(values, 96, format);
    const worst = Math.max(...values.map((value, i) => Math.abs(value - packed[i])));
    expect(worst, format).toBeLessThan(bound);
  }
});

onBothBackends('float16 bits of a file are taken as they are', async () => {
  // 1, -2, the largest, the least subnormal, 0.333…
  const bits = Uint16Array.from({ length: 24 }, (_, i) => [0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555][i % 5]);
  const expected = Array.from(bits, (_, i) => [1, -2, 65504, 2 ** -24, 0x555 / 4096][i % 5]);
  const weight = PackedWeight.fromHalf(bits, 3, 8);
  const read = weight.floats();
  expectClose(await readTensor(read), expected, 0);
  read.dispose();
  weight.dispose();
});

onBothBackends('noise is normal, keyed, and its memory is given back', async () => {
  const before = gpuMemory().used;
  const weight = PackedWeight.noise(50, 64, 'f16', 7, 0.5);
  const again = PackedWeight.noise(50, 64, 'f16', 7, 0.5);
  const [a, b] = [weight.floats(), again.floats()];
  const values = await readTensor(a);
  expect(await readTensor(b)).toEqual(values);
  expectClose(values, normalArray(7, 50 * 64, 0, 0.5), 2e-3);
  tf.dispose([a, b]);
  weight.dispose();
  again.dispose();
  expect(gpuMemory().used).toBe(before);
});
