/** The header of a safetensors file, believed only after every claim in it has been checked against the file. */
import { ModelFormatError } from '../errors.ts';
import { BYTES, isDtype, type Dtype } from './dtype.ts';

/** The format's own cap on a header's length. */
export const MAX_HEADER_BYTES = 100_000_000;

export interface TensorEntry {
  name: string;
  dtype: Dtype;
  shape: number[];
  /** Byte range in the file. */
  begin: number;
  end: number;
}

export interface Header {
  tensors: Map<string, TensorEntry>;
  metadata: Record<string, string>;
}

function fail(code: string, message: string, cause?: unknown): never {
  throw new ModelFormatError(code, { message, cause });
}

const CURE = 'Download it again, or check the export that wrote it.';

/**
 * Length of the JSON header, from the file's first eight bytes.
 * @throws {ModelFormatError} header-truncated, header-oversized, header-invalid of a Git LFS pointer
 */
export function headerLength(prefix: ArrayBuffer, fileBytes: number, file: string): number {
  if (fileBytes < 8 || prefix.byteLength < 8)
    fail('header-truncated', `${file}: ${fileBytes} bytes are too few for a safetensors file. ${CURE}`);
  if (new TextDecoder().decode(prefix.slice(0, 8)) === 'version ')
    fail(
      'header-invalid',
      `${file}: this is a pointer of Git LFS, not the weights. Run "git lfs pull" in its folder, or download the file itself.`,
    );
  const length = new DataView(prefix).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    fail(
      'header-oversized',
      `${file}: the header claims ${length} bytes; safetensors allows ${MAX_HEADER_BYTES}. ` +
        'Either this is no safetensors file, or it is damaged.',
    );
  if (8n + length > BigInt(fileBytes))
    fail(
      'header-truncated',
      `${file}: the header claims ${length} bytes, but the file has ${fileBytes}. ${CURE}`,
    );
  return Number(length);
}

/**
 * Parses and checks a header: known dtypes, sizes that agree with shapes, ranges that cover the data section exactly once.
 * @throws {ModelFormatError} header-not-json, header-invalid, dtype-unsupported, tensor-size-mismatch, tensor-out-of-range, tensor-overlap, tensor-hole
 */
export function parseHeader(json: ArrayBuffer, fileBytes: number, file: string): Header {
  const dataBegin = 8 + json.byteLength;
  const entries = parseJson(json, file);
  const tensors = new Map<string, TensorEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(entries)) {
    if (name === '__metadata__') metadata = value as Record<string, string>;
    else tensors.set(name, parseEntry(name, value, dataBegin, fileBytes, file));
  }
  checkCoverage([...tensors.values()], dataBegin, fileBytes, file);
  return { tensors, metadata };
}

function parseJson(json: ArrayBuffer, file: string): Record<string, unknown> {
  if (new Uint8Array(json)[0] !== 0x7b)
    fail('header-not-json', `${file}: the header does not begin with "{". Is this a safetensors file?`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)) as Record<string, unknown>;
  } catch (error) {
    fail('header-not-json', `${file}: the header is not valid JSON. ${CURE}`, error);
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function parseEntry(
  name: string,
  value: unknown,
  dataBegin: number,
  fileBytes: number,
  file: string,
): TensorEntry {
  const entry = value as { dtype?: unknown; shape?: unknown; data_offsets?: unknown } | null;
  const shape = entry?.shape;
  const offsets = entry?.data_offsets;
  if (
    !Array.isArray(shape) ||
    !shape.every(isCount) ||
    !Array.isArray(offsets) ||
    offsets.length !== 2 ||
    !offsets.every(isCount)
  )
    fail('header-invalid', `${file}: tensor ${name} lacks a valid shape or data_offsets. ${CURE}`);
  if (!isDtype(entry?.dtype))
    fail(
      'dtype-unsupported',
      `${file}: tensor ${name} has dtype ${JSON.stringify(entry?.dtype)}; weights may be F32, BF16 or F16. ` +
        'Save the model as F32, BF16 or F16.',
    );
  const [begin, end] = [dataBegin + offsets[0], dataBegin + offsets[1]];
  if (begin > end || end > fileBytes)
    fail(
      'tensor-out-of-range',
      `${file}: tensor ${name} claims bytes ${begin}–${end}, but the file ends at ${fileBytes}. ${CURE}`,
    );
  const bytes = shape.reduce((product: number, size: number) => product * size, 1) * BYTES[entry.dtype];
  if (bytes !== end - begin)
    fail(
      'tensor-size-mismatch',
      `${file}: tensor ${name} of shape [${shape.join(', ')}] and dtype ${entry.dtype} needs ${bytes} bytes, ` +
        `but its range has ${end - begin}. ${CURE}`,
    );
  return { name, dtype: entry.dtype, shape, begin, end };
}

function checkCoverage(entries: TensorEntry[], dataBegin: number, fileBytes: number, file: string): void {
  let position = dataBegin;
  for (const entry of entries.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin < position)
      fail('tensor-overlap', `${file}: tensor ${entry.name} overlaps the tensor before it. ${CURE}`);
    if (entry.begin > position)
      fail(
        'tensor-hole',
        `${file}: ${entry.begin - position} bytes before tensor ${entry.name} belong to none. ${CURE}`,
      );
    position = entry.end;
  }
  if (position !== fileBytes)
    fail('tensor-hole', `${file}: the last ${fileBytes - position} bytes belong to no tensor. ${CURE}`);
}
