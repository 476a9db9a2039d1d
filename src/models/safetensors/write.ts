/** Writes safetensors files that the reference library opens, in one file or in shards. */
import { ModelFormatError } from '../errors.ts';
import { fromFloat32, type Dtype } from './dtype.ts';

export interface TensorData {
  shape: readonly number[];
  values: Float32Array;
}

type FloatDtype = Exclude<Dtype, 'I32'>;

/** A tensor as it lies in a file. */
export interface EncodedTensor {
  shape: readonly number[];
  dtype: FloatDtype;
  bytes: Uint8Array;
}

/** What transformers and PEFT write. */
const METADATA = { format: 'pt' };

/** Largest shard of an export: below what one ArrayBuffer holds in any browser. */
export const SHARD_BYTES = 2e9;

/** The largest finite half float, with what still rounds to it. */
const F16_LIMIT = 65520;

/** @throws {ModelFormatError} export-overflow where float16 cannot hold a value */
export function encodeTensor(name: string, { shape, values }: TensorData, dtype: FloatDtype): EncodedTensor {
  if (dtype === 'F16') {
    const large = values.find(value => !(Math.abs(value) < F16_LIMIT));
    if (large !== undefined)
      throw new ModelFormatError('export-overflow', {
        message: `${name} holds ${large}, beyond float16's largest number. Export the model as BF16 or in 32 bits.`,
      });
  }
  return { shape, dtype, bytes: fromFloat32(values, dtype) };
}

/** One file, tensors sorted by name, the header padded with spaces to a multiple of 8 as the reference does. */
export function joinTensors(
  tensors: ReadonlyMap<string, EncodedTensor>,
  metadata: Record<string, string> = METADATA,
): Uint8Array<ArrayBuffer> {
  const names = [...tensors.keys()].sort();
  const header: Record<string, unknown> = { __metadata__: metadata };
  let position = 0;
  for (const name of names) {
    const { shape, dtype, bytes } = tensors.get(name)!;
    header[name] = { dtype, shape, data_offsets: [position, position + bytes.length] };
    position += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + position).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let offset = 8 + headerBytes;
  for (const name of names) {
    const { bytes } = tensors.get(name)!;
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}

/** One file with all tensors as `dtype`. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorData>,
  dtype: FloatDtype = 'F32',
  metadata: Record<string, string> = METADATA,
): Uint8Array<ArrayBuffer> {
  const encoded = [...tensors].map(([name, data]) => [name, encodeTensor(name, data, dtype)] as const);
  return joinTensors(new Map(encoded), metadata);
}

/**
 * model.safetensors, or shards with their index where that would be larger than `shardBytes`: transformers' names and layout.
 * A tensor beyond the limit has a shard of its own. Empties `tensors` as it goes, so that no weight is held twice.
 */
export function writeModelWeights(
  tensors: Map<string, EncodedTensor>,
  shardBytes: number,
): Map<string, Uint8Array<ArrayBuffer>> {
  const shards: string[][] = [[]];
  let [filled, total, parameters] = [0, 0, 0];
  for (const name of [...tensors.keys()].sort()) {
    const { bytes, shape } = tensors.get(name)!;
    if (filled > 0 && filled + bytes.length > shardBytes) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)!.push(name);
    filled += bytes.length;
    total += bytes.length;
    parameters += shape.reduce((product, size) => product * size, 1);
  }
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const weightMap: Record<string, string> = {};
  const number = (value: number): string => String(value).padStart(5, '0');
  shards.forEach((names, index) => {
    const file =
      shards.length === 1
        ? 'model.safetensors'
        : `model-${number(index + 1)}-of-${number(shards.length)}.safetensors`;
    files.set(file, joinTensors(new Map(names.map(name => [name, tensors.get(name)!]))));
    for (const name of names) {
      weightMap[name] = file;
      tensors.delete(name);
    }
  });
  if (shards.length > 1) {
    const index = { metadata: { total_parameters: parameters, total_size: total }, weight_map: weightMap };
    files.set(
      'model.safetensors.index.json',
      new TextEncoder().encode(`${JSON.stringify(index, null, 2)}\n`),
    );
  }
  return files;
}
