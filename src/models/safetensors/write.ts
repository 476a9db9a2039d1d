/** Writes safetensors files that the reference library opens. */
import { fromFloat32, type Dtype } from './dtype.ts';

export interface TensorData {
  shape: readonly number[];
  values: Float32Array;
}

/**
 * One file with all tensors as `dtype`, sorted by name, the header padded with spaces to a multiple of 8 as the reference does.
 * @param metadata  string map; `{ format: 'pt' }` is what transformers and PEFT write
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorData>,
  dtype: Exclude<Dtype, 'I32'> = 'F32',
  metadata: Record<string, string> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  const names = [...tensors.keys()].sort();
  const header: Record<string, unknown> = { __metadata__: metadata };
  const bodies: Uint8Array[] = [];
  let position = 0;
  for (const name of names) {
    const { shape, values } = tensors.get(name)!;
    const bytes = fromFloat32(values, dtype);
    header[name] = { dtype, shape, data_offsets: [position, position + bytes.length] };
    bodies.push(bytes);
    position += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + position).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let offset = 8 + headerBytes;
  for (const bytes of bodies) {
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}
