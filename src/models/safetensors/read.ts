/** Reads tensors out of safetensors files, one at a time, so that a large file never lies in memory whole. */
import { ModelFormatError } from '../errors.ts';
import type { ModelFile } from '../file-source.ts';
import { BYTES, toFloat32, type Dtype } from './dtype.ts';
import { headerLength, parseHeader, type Header, type TensorEntry } from './header.ts';

export class SafetensorsFile {
  private constructor(
    readonly fileName: string,
    private readonly file: ModelFile,
    private readonly header: Header,
  ) {}

  /** Opens a file and checks its whole header. @throws {ModelFormatError} see header.ts */
  static async open(file: ModelFile, fileName: string): Promise<SafetensorsFile> {
    const length = headerLength(await file.slice(0, 8).arrayBuffer(), file.size, fileName);
    const header = parseHeader(await file.slice(8, 8 + length).arrayBuffer(), file.size, fileName);
    return new SafetensorsFile(fileName, file, header);
  }

  get metadata(): Record<string, string> {
    return this.header.metadata;
  }

  /** In the order of the tensors' bytes: read so, a file that is still coming in need not be waited for. */
  names(): string[] {
    const entries = [...this.header.tensors.values()];
    return entries.sort((a, b) => a.begin - b.begin || a.end - b.end).map(({ name }) => name);
  }

  has(name: string): boolean {
    return this.header.tensors.has(name);
  }

  /** @throws {ModelFormatError} tensor-missing */
  entry(name: string): TensorEntry {
    const entry = this.header.tensors.get(name);
    if (!entry)
      throw new ModelFormatError('tensor-missing', {
        message: `${this.fileName}: there is no tensor named ${name}.`,
      });
    return entry;
  }

  /** Values as float32, row-major. @throws {ModelFormatError} tensor-missing, dtype-unsupported, or tensor-not-finite at a NaN or an infinity */
  async read(name: string): Promise<Float32Array<ArrayBuffer>> {
    const { begin, end, dtype } = this.entry(name);
    return this.#values(name, begin, end, 0, dtype);
  }

  /** The same in pieces of at most `count` values, one after the other: a large table never lies in memory whole. */
  async *pieces(name: string, count: number): AsyncGenerator<Float32Array<ArrayBuffer>> {
    const { begin, end, dtype } = this.entry(name);
    const step = count * BYTES[dtype];
    for (let at = begin; at < end; at += step)
      yield this.#values(name, at, Math.min(at + step, end), (at - begin) / BYTES[dtype], dtype);
  }

  /** @param first  index of the first value, for messages */
  async #values(
    name: string,
    begin: number,
    end: number,
    first: number,
    dtype: Dtype,
  ): Promise<Float32Array<ArrayBuffer>> {
    if (dtype === 'I32')
      throw new ModelFormatError('dtype-unsupported', {
        message: `${this.fileName}: tensor ${name} is I32; weights may be F32, BF16 or F16. Save the model in one of them.`,
      });
    const values = toFloat32(await this.file.slice(begin, end).arrayBuffer(), dtype);
    checkFinite(values, first, name, this.fileName);
    return values;
  }

  /** Values of an I32 tensor. */
  async readInts(name: string): Promise<Int32Array<ArrayBuffer>> {
    const { begin, end, dtype } = this.entry(name);
    if (dtype !== 'I32')
      throw new ModelFormatError('dtype-unsupported', {
        message: `${this.fileName}: tensor ${name} is ${dtype}; I32 was expected.`,
      });
    return new Int32Array(await this.file.slice(begin, end).arrayBuffer());
  }
}

/** @throws {ModelFormatError} tensor-not-finite */
export function checkFinite(values: Float32Array, first: number, name: string, fileName: string): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new ModelFormatError('tensor-not-finite', {
        message:
          `${fileName}: tensor ${name} holds ${values[i]} at element ${first + i}. ` +
          'The model was damaged, or its training diverged before it was saved; use an earlier checkpoint.',
      });
}
