/** Reads GGUF's little-endian values from the front of a file of which only a prefix may be in memory. */
import { ModelFormatError } from '../errors.ts';

/** The prefix ends before the header does, and the file goes on: read more of it. */
export class PrefixTooShort extends Error {
  override readonly name = 'PrefixTooShort';
}

/** Longest text that a header may hold: a chat template has thousands of letters, a damaged length billions. */
const MAX_TEXT = 1 << 24;

export class Cursor {
  #at = 0;
  readonly #view: DataView;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });

  constructor(
    private readonly prefix: Uint8Array<ArrayBuffer>,
    private readonly fileBytes: number,
    private readonly file: string,
  ) {
    this.#view = new DataView(prefix.buffer, prefix.byteOffset, prefix.length);
  }

  get position(): number {
    return this.#at;
  }

  /** @throws {ModelFormatError} always */
  fail(code: string, message: string): never {
    throw new ModelFormatError(code, {
      message: `${this.file}: ${message} Download it again, or check the conversion that wrote it.`,
    });
  }

  /** Whether the file could hold so many bytes from here. @throws {ModelFormatError} gguf-truncated when not */
  expect(bytes: number, what: string): void {
    if (bytes > this.fileBytes - this.#at)
      this.fail(
        'gguf-truncated',
        `${what} at byte ${this.#at} needs ${bytes} bytes, but the file ends at ${this.fileBytes}.`,
      );
  }

  u8 = (): number => this.#view.getUint8(this.#take(1));
  i8 = (): number => this.#view.getInt8(this.#take(1));
  u16 = (): number => this.#view.getUint16(this.#take(2), true);
  i16 = (): number => this.#view.getInt16(this.#take(2), true);
  u32 = (): number => this.#view.getUint32(this.#take(4), true);
  i32 = (): number => this.#view.getInt32(this.#take(4), true);
  f32 = (): number => this.#view.getFloat32(this.#take(4), true);
  f64 = (): number => this.#view.getFloat64(this.#take(8), true);
  u64 = (): number => this.#safe(this.#view.getBigUint64(this.#take(8), true));
  i64 = (): number => this.#safe(this.#view.getBigInt64(this.#take(8), true));

  bool = (): boolean => {
    const value = this.u8();
    if (value > 1) this.fail('gguf-invalid', `a truth value at byte ${this.#at - 1} is ${value}.`);
    return value === 1;
  };

  text = (): string => {
    const length = this.u64();
    if (length > MAX_TEXT) this.fail('gguf-invalid', `a text at byte ${this.#at} claims ${length} bytes.`);
    const at = this.#take(length);
    try {
      return this.#decoder.decode(this.prefix.subarray(at, at + length));
    } catch {
      return this.fail('gguf-invalid', `the text at byte ${at} is not UTF-8.`);
    }
  };

  #safe(value: bigint): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number))
      this.fail('gguf-invalid', `the number ${value} at byte ${this.#at - 8} is too large.`);
    return number;
  }

  #take(bytes: number): number {
    this.expect(bytes, 'a value');
    const at = this.#at;
    if (at + bytes > this.prefix.length) throw new PrefixTooShort();
    this.#at += bytes;
    return at;
  }
}
