/** The front of a GGUF file, believed only after every claim in it has been checked against the file. */
import { ModelFormatError } from '../errors.ts';
import type { ModelFile } from '../file-source.ts';
import { FORMATS, type BlockFormat } from './blocks.ts';
import { Cursor, PrefixTooShort } from './cursor.ts';

export type GgufValue = number | boolean | string | number[] | boolean[] | string[];

export interface GgufTensor {
  name: string;
  /** As PyTorch has it: the contiguous dimension last. */
  shape: number[];
  format: BlockFormat;
  /** Byte range in the file. */
  begin: number;
  end: number;
}

export interface GgufHeader {
  values: Map<string, GgufValue>;
  /** In the order of their bytes. */
  tensors: Map<string, GgufTensor>;
}

/** Bytes of the first read; a header of 65,536 tokens takes some four millions. */
const FIRST_READ = 1 << 20;
const MAX_HEADER = 1 << 28;
const MAX_ENTRIES = 1 << 16;
/** Items of a list: the largest vocabularies have a quarter of a million tokens and twice as many merges. */
const MAX_ITEMS = 1 << 21;
const MAX_DIMENSIONS = 4;
const MAX_NAME = 128;

/** @throws {ModelFormatError} gguf-invalid, gguf-truncated, gguf-unsupported */
export async function readHeader(file: ModelFile, name: string): Promise<GgufHeader> {
  for (let length = FIRST_READ; ; length *= 4) {
    const prefix = new Uint8Array(await file.slice(0, Math.min(length, file.size)).arrayBuffer());
    try {
      return parse(new Cursor(prefix, file.size, name), file.size);
    } catch (error) {
      if (!(error instanceof PrefixTooShort)) throw error;
      if (length >= MAX_HEADER)
        throw new ModelFormatError('gguf-invalid', {
          message: `${name}: its header does not end within ${MAX_HEADER} bytes. Download it again.`,
        });
    }
  }
}

function parse(cursor: Cursor, fileBytes: number): GgufHeader {
  if (cursor.u32() !== 0x46554747)
    cursor.fail('gguf-invalid', 'it does not begin with "GGUF". Is it a GGUF file?');
  const version = cursor.u32();
  if (version !== 2 && version !== 3)
    cursor.fail(
      'gguf-unsupported',
      `it is GGUF version ${version}; versions 2 and 3 (little-endian) are read.`,
    );
  const tensorCount = count(cursor, 'tensors', 24);
  const valueCount = count(cursor, 'values', 13);
  const values = new Map<string, GgufValue>();
  for (let i = 0; i < valueCount; i++) {
    const key = cursor.text();
    if (values.has(key)) cursor.fail('gguf-invalid', `the value ${key} is there twice.`);
    values.set(key, readValue(cursor, cursor.u32(), key));
  }
  const infos = Array.from({ length: tensorCount }, () => tensorInfo(cursor));
  return { values, tensors: placed(cursor, infos, alignment(cursor, values), fileBytes) };
}

/** @param least  bytes that one of them takes at least */
function count(cursor: Cursor, what: string, least: number): number {
  const value = cursor.u64();
  if (value > MAX_ENTRIES) cursor.fail('gguf-invalid', `it claims ${value} ${what}.`);
  cursor.expect(value * least, `the list of ${value} ${what}`);
  return value;
}

const ARRAY = 9;

/** Readers of single values by GGUF's number of their type, with the bytes that one takes at least. */
function scalar(
  cursor: Cursor,
  type: number,
): [read: () => number | boolean | string, bytes: number] | undefined {
  const readers: Record<number, [() => number | boolean | string, number]> = {
    0: [cursor.u8, 1],
    1: [cursor.i8, 1],
    2: [cursor.u16, 2],
    3: [cursor.i16, 2],
    4: [cursor.u32, 4],
    5: [cursor.i32, 4],
    6: [cursor.f32, 4],
    7: [cursor.bool, 1],
    8: [cursor.text, 8],
    10: [cursor.u64, 8],
    11: [cursor.i64, 8],
    12: [cursor.f64, 8],
  };
  return readers[type];
}

function readValue(cursor: Cursor, type: number, key: string): GgufValue {
  if (type !== ARRAY) {
    const reader = scalar(cursor, type);
    if (!reader) cursor.fail('gguf-invalid', `the value ${key} is of an unknown type, ${type}.`);
    return reader[0]();
  }
  const itemType = cursor.u32();
  const length = cursor.u64();
  const reader = scalar(cursor, itemType);
  if (!reader) cursor.fail('gguf-invalid', `the list ${key} holds items of an unknown type, ${itemType}.`);
  if (length > MAX_ITEMS) cursor.fail('gguf-invalid', `the list ${key} claims ${length} items.`);
  cursor.expect(length * reader[1], `the list ${key}`);
  const items: (number | boolean | string)[] = [];
  for (let i = 0; i < length; i++) items.push(reader[0]());
  return items as GgufValue;
}

interface Info {
  name: string;
  shape: number[];
  type: number;
  offset: number;
}

function tensorInfo(cursor: Cursor): Info {
  const name = cursor.text();
  if (name.length === 0 || name.length > MAX_NAME)
    cursor.fail('gguf-invalid', `a tensor's name has ${name.length} letters.`);
  const dimensions = cursor.u32();
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS)
    cursor.fail('gguf-invalid', `tensor ${name} has ${dimensions} dimensions.`);
  // The contiguous dimension comes first in the file.
  const shape = Array.from({ length: dimensions }, () => cursor.u64()).reverse();
  return { name, shape, type: cursor.u32(), offset: cursor.u64() };
}

function alignment(cursor: Cursor, values: Map<string, GgufValue>): number {
  const value = values.get('general.alignment') ?? 32;
  if (typeof value !== 'number' || value < 1 || value > 1 << 16 || (value & (value - 1)) !== 0)
    cursor.fail('gguf-invalid', `general.alignment is ${String(value)}; it must be a power of two.`);
  return value;
}

/** Tensors lie one after the other, each at the next multiple of the alignment, and nothing comes after the last. */
function placed(cursor: Cursor, infos: Info[], align: number, fileBytes: number): Map<string, GgufTensor> {
  const up = (position: number): number => Math.ceil(position / align) * align;
  const data = up(cursor.position);
  let next = 0;
  const tensors = new Map<string, GgufTensor>();
  for (const { name, shape, type, offset } of infos) {
    const format = FORMATS.get(type);
    if (!format)
      cursor.fail(
        'gguf-unsupported',
        `tensor ${name} is of ggml type ${type}; read are ${[...FORMATS.values()].map(known => known.name).join(', ')}.`,
      );
    const size = shape.reduce((product, length) => product * length, 1);
    if (!Number.isSafeInteger(size) || size < 1)
      cursor.fail('gguf-invalid', `tensor ${name} has shape [${shape.join(', ')}].`);
    if (shape.at(-1)! % format.values !== 0)
      cursor.fail(
        'gguf-invalid',
        `tensor ${name} has rows of ${shape.at(-1)} values, which are no whole blocks of ${format.values} (${format.name}).`,
      );
    if (tensors.has(name)) cursor.fail('gguf-invalid', `tensor ${name} is there twice.`);
    if (offset !== next)
      cursor.fail('gguf-invalid', `tensor ${name} lies at ${offset}, but the one before it ends at ${next}.`);
    const begin = data + offset;
    const end = begin + (size / format.values) * format.bytes;
    if (end > fileBytes)
      cursor.fail(
        'gguf-truncated',
        `tensor ${name} needs bytes ${begin}–${end}, but the file ends at ${fileBytes}.`,
      );
    tensors.set(name, { name, shape, format, begin, end });
    next = up(offset + end - begin);
  }
  if (fileBytes > data + next)
    cursor.fail('gguf-invalid', `its last ${fileBytes - data - next} bytes belong to no tensor.`);
  return tensors;
}
