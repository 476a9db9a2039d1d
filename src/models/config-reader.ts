/** Reads fields of config.json and its kin, with errors that name file, field and value. */
import { ModelFormatError } from './errors.ts';

/** Layers, tiles, heads: more than any model has. */
export const MANY = 1024;

/** What `fail` says of rotary positions of any type but the default. */
export const NO_SCALED_POSITIONS = [
  '"default": scaled rotary positions are not supported',
  'Choose a model without them.',
] as const;

/** A JSON object read field by field; null counts as absent, as in transformers. */
export class ConfigReader {
  constructor(
    private readonly object: Readonly<Record<string, unknown>>,
    private readonly file: string,
    private readonly path = '',
  ) {}

  has(key: string): boolean {
    return (this.object[key] ?? null) !== null;
  }

  /** Whether the field is there and null, where that differs from being absent. */
  isNull(key: string): boolean {
    return this.object[key] === null;
  }

  raw(key: string): unknown {
    return this.object[key] ?? undefined;
  }

  /**
   * The first of `keys` that is present, as a positive whole number.
   * @param most  a damaged file must not make anybody allocate or loop for it
   */
  count(keys: string | string[], fallback?: number, most = 2 ** 24): number {
    const value = this.number(keys, fallback);
    if (!Number.isSafeInteger(value) || value < 1) this.fail(keys, value, 'a positive whole number');
    if (value > most) this.fail(keys, value, `at most ${most}`);
    return value;
  }

  number(keys: string | string[], fallback?: number): number {
    const value = this.#first(keys) ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value)) this.fail(keys, value, 'a number');
    return value;
  }

  boolean(keys: string | string[], fallback: boolean): boolean {
    const value = this.#first(keys) ?? fallback;
    if (typeof value !== 'boolean') this.fail(keys, value, 'true or false');
    return value;
  }

  string(keys: string | string[], fallback?: string): string {
    const value = this.#first(keys) ?? fallback;
    if (typeof value !== 'string') this.fail(keys, value, 'a string');
    return value;
  }

  numbers(keys: string | string[], fallback?: number[]): number[] {
    const value = this.#first(keys) ?? fallback;
    if (!Array.isArray(value) || !value.every(item => typeof item === 'number'))
      this.fail(keys, value, 'a list of numbers');
    return value as number[];
  }

  /** A nested object, empty when absent. */
  section(key: string): ConfigReader {
    const value = this.object[key] ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) this.fail(key, value, 'an object');
    return new ConfigReader(value as Record<string, unknown>, this.file, `${this.path}${key}.`);
  }

  /**
   * @param cure  what to do about it
   * @throws {ModelFormatError} config-invalid, always
   */
  fail(
    keys: string | string[],
    value: unknown,
    expected: string,
    cure = 'Correct it there, or take the file from the model’s repository again.',
  ): never {
    const names = (Array.isArray(keys) ? keys : [keys]).map(key => this.path + key).join(' or ');
    throw new ModelFormatError('config-invalid', {
      message: `${this.file}: ${names} is ${JSON.stringify(value) ?? 'absent'}; it must be ${expected}. ${cure}`,
    });
  }

  #first(keys: string | string[]): unknown {
    for (const key of Array.isArray(keys) ? keys : [keys]) if (this.has(key)) return this.object[key];
    return undefined;
  }
}
