import { describe, expect, test } from 'vitest';
import { ModelFormatError } from '../errors.ts';
import { floatToBfloat, floatToHalf, halfToFloat } from './dtype.ts';
import { MAX_HEADER_BYTES } from './header.ts';
import { SafetensorsFile } from './read.ts';
import { writeSafetensors } from './write.ts';

const VALUES = Float32Array.of(0, -0, 1, -1.5, 65504, 6e-8, 1 / 3, -(2 ** -14));

/** A file with an arbitrary header and `bytes` of data. */
function fileOf(header: unknown, bytes: number, headerLength?: bigint): Blob {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = new DataView(new ArrayBuffer(8));
  prefix.setBigUint64(0, headerLength ?? BigInt(json.length), true);
  return new Blob([prefix.buffer, json, new Uint8Array(bytes)]);
}

async function codeOf(blob: Blob): Promise<string> {
  const error = await SafetensorsFile.open(blob, 'model.safetensors').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ModelFormatError);
  const { code, message } = error as ModelFormatError;
  expect(message).toMatch(/^model\.safetensors: /);
  return code;
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32'): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

test('float16 refuses what it cannot hold, by the tensor’s name', () => {
  const tensors = new Map([['w', { shape: [2], values: Float32Array.of(1, 65520) }]]);
  expect(() => writeSafetensors(tensors, 'F16')).toThrow(
    expect.objectContaining({ code: 'export-overflow' }),
  );
  expect(() => writeSafetensors(tensors, 'F16')).toThrow(/w holds 65520/);
});

describe('a written file', () => {
  test('reads back exactly in F32', async () => {
    const written = writeSafetensors(new Map([['a', { shape: [2, 4], values: VALUES }]]));
    const file = await SafetensorsFile.open(new Blob([written]), 'a');
    expect(await file.read('a')).toEqual(VALUES);
    expect(file.entry('a').shape).toEqual([2, 4]);
    expect(file.metadata).toEqual({ format: 'pt' });
  });

  test.each(['F16', 'BF16'] as const)(
    'reads back to within half a unit in the last place of %s',
    async dtype => {
      const file = await SafetensorsFile.open(
        new Blob([writeSafetensors(new Map([['a', { shape: [8], values: VALUES }]]), dtype)]),
        'a',
      );
      const bits = dtype === 'F16' ? 11 : 8;
      const read = await file.read('a');
      VALUES.forEach((value, i) =>
        expect(Math.abs(read[i] - value)).toBeLessThanOrEqual(
          Math.max(Math.abs(value) * 2 ** -bits, 2 ** -25),
        ),
      );
    },
  );

  test('starts its data at a multiple of 8 bytes, as the reference does', () => {
    const written = writeSafetensors(new Map([['odd name', { shape: [8], values: VALUES }]]));
    expect(Number(new DataView(written.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });
});

test('half floats convert both ways for all 65,536 bit patterns', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = halfToFloat(bits);
    if (Number.isNaN(value)) expect(halfToFloat(floatToHalf(value))).toBeNaN();
    else if (floatToHalf(value) !== bits)
      throw new Error(`bits ${bits} gave ${value} and ${floatToHalf(value)}`);
  }
  expect(floatToHalf(65520)).toBe(0x7c00);
  expect(floatToHalf(65519)).toBe(0x7bff);
});

test('bfloat16 rounds to nearest even and keeps NaN', () => {
  expect(floatToBfloat(1)).toBe(0x3f80);
  expect(floatToBfloat(1 + 2 ** -8)).toBe(0x3f80);
  expect(floatToBfloat(1 + 3 * 2 ** -8)).toBe(0x3f82);
  expect(floatToBfloat(NaN) & 0x7f).not.toBe(0);
});

describe('a file that lies is refused by name and reason', () => {
  test.each([
    ['a file of seven bytes', new Blob([new Uint8Array(7)]), 'header-truncated'],
    ['a header longer than the file', fileOf('{}', 0, 1000n), 'header-truncated'],
    ['a header of 2^63 bytes', fileOf('{}', 0, 2n ** 63n), 'header-oversized'],
    ['a header just over the cap', fileOf('{}', 0, BigInt(MAX_HEADER_BYTES) + 1n), 'header-oversized'],
    ['a header that is no JSON', fileOf('{"a":', 0), 'header-not-json'],
    ['a header that is a list', fileOf('[]', 0), 'header-not-json'],
    ['an entry without offsets', fileOf({ a: { dtype: 'F32', shape: [1] } }, 4), 'header-invalid'],
    ['a negative size', fileOf({ a: entry(0, 4, [-1]) }, 4), 'header-invalid'],
    [
      'a pointer of Git LFS',
      new Blob(['version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n']),
      'header-invalid',
    ],
    ['an unknown dtype', fileOf({ a: entry(0, 4, [4], 'F8_E4M3') }, 4), 'dtype-unsupported'],
    ['an end past the file', fileOf({ a: entry(0, 8) }, 4), 'tensor-out-of-range'],
    ['an end before its beginning', fileOf({ a: entry(8, 4, [0]) }, 8), 'tensor-out-of-range'],
    ['a shape that needs more bytes', fileOf({ a: entry(0, 4, [2]) }, 4), 'tensor-size-mismatch'],
    ['overlapping tensors', fileOf({ a: entry(0, 8), b: entry(4, 12) }, 12), 'tensor-overlap'],
    ['a hole between tensors', fileOf({ a: entry(0, 4), b: entry(8, 12) }, 12), 'tensor-hole'],
    ['bytes that belong to no tensor', fileOf({ a: entry(0, 4) }, 12), 'tensor-hole'],
  ])('%s', async (_, blob, code) => {
    expect(await codeOf(blob)).toBe(code);
  });

  test('a tensor with NaN or infinity, when it is read', async () => {
    for (const bad of [NaN, Infinity]) {
      const written = writeSafetensors(new Map([['a', { shape: [2], values: Float32Array.of(1, bad) }]]));
      const file = await SafetensorsFile.open(new Blob([written]), 'a');
      await expect(file.read('a')).rejects.toMatchObject({ code: 'tensor-not-finite' });
    }
  });
});
