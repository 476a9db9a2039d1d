import { expect, test } from 'vitest';
import { readTensor } from '../../read.ts';
import { onBothBackends } from '../../testing.ts';
import { byteValues } from './op.ts';

onBothBackends('bytes become what the table says, exactly, whatever their number', async () => {
  for (const [rows, columns, channels] of [
    [1, 1, 1],
    [5, 21, 3],
    [40, 768, 3],
    [3, 7, 2],
  ]) {
    const bytes = Uint8Array.from({ length: rows * columns }, (_, i) => (i * 97 + 13) & 255);
    const table = Float32Array.from({ length: 256 * channels }, (_, i) => Math.fround(i / 7) - 11);
    const values = byteValues(bytes, table, [rows, columns]);
    expect(values.shape).toEqual([rows, columns]);
    const expected = Array.from(bytes, (byte, i) => table[256 * (i % channels) + byte]);
    expect(Array.from(await readTensor(values))).toEqual(expected);
    values.dispose();
  }
});

test('sizes that do not fit are refused', () => {
  expect(() => byteValues(new Uint8Array(5), new Float32Array(256), [2, 3])).toThrow(RangeError);
  expect(() => byteValues(new Uint8Array(6), new Float32Array(100), [2, 3])).toThrow(RangeError);
});
