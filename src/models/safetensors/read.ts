/** Reads tensors out of safetensors files, one at a time, so that a large file never lies in memory whole. */
import { ModelFormatError } from '../errors.ts';
import { toFloat32 } from './dtype.ts';
import { headerLength, parseHeader, type Header, type TensorEntry } from './header.ts';

export class SafetensorsFile {
  private constructor(
    readonly fileName: string,
    private readonly blob: Blob,
    private readonly header: Header,
  ) {}

  /** Opens a file and checks its whole header. @throws {ModelFormatError} see header.ts */
  static async open(blob: Blob, fileName: string): Promise<SafetensorsFile> {
    const length = headerLength(await blob.slice(0, 8).arrayBuffer(), blob.size, fileName);
    const header = parseHeader(await blob.slice(8, 8 + length).arrayBuffer(), blob.size, fileName);
    return new SafetensorsFile(fileName, blob, header);
  }

  get metadata(): Record<string, string> {
    return this.header.metadata;
  }

  names(): string[] {
    return [...this.header.tensors.keys()];
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

  /** Values as float32, row-major. @throws {ModelFormatError} tensor-missing, or tensor-not-finite at a NaN or an infinity */
  async read(name: string): Promise<Float32Array<ArrayBuffer>> {
    const { begin, end, dtype } = this.entry(name);
    const values = toFloat32(await this.blob.slice(begin, end).arrayBuffer(), dtype);
    for (let i = 0; i < values.length; i++)
      if (!Number.isFinite(values[i]))
        throw new ModelFormatError('tensor-not-finite', {
          message:
            `${this.fileName}: tensor ${name} holds ${values[i]} at element ${i}. ` +
            'The model was damaged, or its training diverged before it was saved; use an earlier checkpoint.',
        });
    return values;
  }

  /** Values of an I32 tensor. */
  async readInts(name: string): Promise<Int32Array<ArrayBuffer>> {
    const { begin, end, dtype } = this.entry(name);
    if (dtype !== 'I32')
      throw new ModelFormatError('dtype-unsupported', {
        message: `${this.fileName}: tensor ${name} is ${dtype}; I32 was expected.`,
      });
    return new Int32Array(await this.blob.slice(begin, end).arrayBuffer());
  }
}
