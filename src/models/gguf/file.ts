/** A GGUF file: its values and its tensors, read one at a time. */
import { ModelFormatError } from '../errors.ts';
import type { ModelFile } from '../file-source.ts';
import { checkFinite } from '../safetensors/read.ts';
import { readHeader, type GgufTensor, type GgufValue } from './header.ts';

/** Values decoded at once. */
const BATCH = 1 << 20;

export class GgufFile {
  private constructor(
    readonly name: string,
    private readonly file: ModelFile,
    readonly values: ReadonlyMap<string, GgufValue>,
    /** In the order of their bytes. */
    readonly tensors: ReadonlyMap<string, GgufTensor>,
  ) {}

  /** @throws {ModelFormatError} gguf-invalid, gguf-truncated, gguf-unsupported */
  static async open(file: ModelFile, name: string): Promise<GgufFile> {
    const { values, tensors } = await readHeader(file, name);
    return new GgufFile(name, file, values, tensors);
  }

  /** @throws {ModelFormatError} gguf-invalid when it is there and of another kind */
  number(key: string, fallback?: number): number {
    return this.#value(key, fallback, (value): value is number => typeof value === 'number', 'a number');
  }

  text(key: string, fallback?: string): string {
    return this.#value(key, fallback, (value): value is string => typeof value === 'string', 'a text');
  }

  numbers(key: string, fallback?: number[]): number[] {
    const valid = (value: GgufValue): value is number[] =>
      Array.isArray(value) && value.every(item => typeof item === 'number');
    return this.#value(key, fallback, valid, 'a list of numbers');
  }

  texts(key: string, fallback?: string[]): string[] {
    const valid = (value: GgufValue): value is string[] =>
      Array.isArray(value) && value.every(item => typeof item === 'string');
    return this.#value(key, fallback, valid, 'a list of texts');
  }

  #value<T extends GgufValue>(
    key: string,
    fallback: T | undefined,
    valid: (value: GgufValue) => value is T,
    expected: string,
  ): T {
    const value = this.values.get(key) ?? fallback;
    if (value !== undefined && valid(value)) return value;
    throw new ModelFormatError('gguf-invalid', {
      message: `${this.name}: ${key} is ${value === undefined ? 'absent' : JSON.stringify(value).slice(0, 80)}; it must be ${expected}.`,
    });
  }

  /** A tensor's values in pieces of at most `count`, whole blocks each. @throws {ModelFormatError} tensor-not-finite */
  async *pieces(name: string, count: number): AsyncGenerator<Float32Array<ArrayBuffer>> {
    const { format, begin, end } = this.tensors.get(name)!;
    const step = Math.max(1, Math.floor(count / format.values)) * format.bytes;
    for (let at = begin; at < end; at += step) {
      const bytes = await this.file.slice(at, Math.min(at + step, end)).arrayBuffer();
      const values = new Float32Array((bytes.byteLength / format.bytes) * format.values);
      format.decode(new DataView(bytes), values);
      checkFinite(values, ((at - begin) / format.bytes) * format.values, name, this.name);
      yield values;
    }
  }

  async read(name: string): Promise<Float32Array<ArrayBuffer>> {
    const { shape } = this.tensors.get(name)!;
    const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
    let at = 0;
    for await (const piece of this.pieces(name, BATCH)) {
      values.set(piece, at);
      at += piece.length;
    }
    return values;
  }
}
