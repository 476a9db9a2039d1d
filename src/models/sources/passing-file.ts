/**
 * A file that is read as it comes from a server and kept nowhere: for a browser without room for it. Ascending reads share
 * one connection; going back opens another.
 */
import type { ModelFile } from '../file-source.ts';
import { Digest, type Checksum } from './digest.ts';
import type { Transfer } from './transfer.ts';

export interface PassingFileOptions {
  size: number;
  checksum?: Checksum;
  /** Called with the number of bytes that have come by. */
  onProgress(passed: number): void;
}

export class PassingFile implements ModelFile {
  readonly size: number;
  #stream: AsyncGenerator<Uint8Array<ArrayBuffer>> | null = null;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array();
  #position = 0;
  /** How far the checksum has seen the file without a gap. */
  #summed = 0;
  #digest: Digest | undefined;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly transfer: Transfer,
    private readonly options: PassingFileOptions,
  ) {
    this.size = options.size;
  }

  slice(begin = 0, end = this.size): { arrayBuffer(): Promise<ArrayBuffer> } {
    return { arrayBuffer: () => this.#inTurn(() => this.#read(begin, Math.min(end, this.size))) };
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.slice().arrayBuffer();
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.arrayBuffer());
  }

  /** Lets the rest go by and checks the whole. @throws {SourceError} hash-mismatch */
  finish(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.options.checksum) return this.#close();
      await this.#seek(this.#summed);
      await this.#take(this.size - this.#position, () => {});
      (await this.#summing()).check(this.transfer.name);
      await this.#close();
    });
  }

  /** One after the other: there is one connection. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#reading.then(work);
    this.#reading = next.catch(() => {});
    return next;
  }

  async #read(begin: number, end: number): Promise<ArrayBuffer> {
    await this.#seek(begin);
    const bytes = new Uint8Array(end - begin);
    await this.#take(bytes.length, (chunk, at) => bytes.set(chunk, at));
    return bytes.buffer;
  }

  async #seek(begin: number): Promise<void> {
    if (begin < this.#position || !this.#stream) {
      await this.#close();
      this.#rest = new Uint8Array();
      // Bytes between are taken along: the checksum wants them all.
      this.#position = this.options.checksum ? Math.min(begin, this.#summed) : begin;
      this.#stream = this.transfer.bytes(this.#position);
    }
    await this.#take(begin - this.#position, () => {});
  }

  /** Passes `count` bytes to `use`, with where each piece begins. */
  async #take(count: number, use: (chunk: Uint8Array, at: number) => void): Promise<void> {
    for (let taken = 0; taken < count;) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#stream!.next();
        if (done) throw new Error(`${this.transfer.name} ended early`);
        this.#rest = value;
      }
      const chunk = this.#rest.subarray(0, count - taken);
      this.#rest = this.#rest.subarray(chunk.length);
      use(chunk, taken);
      await this.#sum(chunk);
      taken += chunk.length;
      this.#position += chunk.length;
      this.options.onProgress(this.#position);
    }
  }

  async #sum(chunk: Uint8Array): Promise<void> {
    if (!this.options.checksum) return;
    const known = this.#summed - this.#position;
    if (known < 0 || known >= chunk.length) return;
    const digest = await this.#summing();
    digest.update(chunk.subarray(known));
    this.#summed = this.#position + chunk.length;
  }

  async #summing(): Promise<Digest> {
    return (this.#digest ??= await Digest.of(this.options.checksum!, this.size));
  }

  async #close(): Promise<void> {
    await this.#stream?.return(undefined);
    this.#stream = null;
  }
}
