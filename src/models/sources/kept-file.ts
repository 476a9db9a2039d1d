/**
 * A file on its way from a server into OPFS, readable as it arrives: what waits for bytes gets them from the disk once they
 * are there. Memory holds a chunk of the network at a time.
 */
import type { OpenFile } from '../../storage/weights/writing/open-file.ts';
import type { WritableCache } from '../../storage/weights/writing/writable-cache.ts';
import type { ModelFile } from '../file-source.ts';
import { Digest, type Checksum } from './digest.ts';
import { SourceError } from './errors.ts';
import type { Transfer } from './transfer.ts';

/** Bytes read at once to check what an earlier download left. */
const BLOCK = 8 << 20;

export interface KeptFileOptions {
  key: string;
  size: number;
  checksum?: Checksum;
  /** Called with the number of bytes that are there, as they come. */
  onProgress(present: number): void;
}

export class KeptFile implements ModelFile {
  readonly size: number;
  #open: OpenFile | null;
  #whole: File | null = null;
  #failure: { error: unknown } | null = null;
  #waiting: { end: number; settle(): void }[] = [];
  readonly done: Promise<void>;

  private constructor(
    private readonly cache: WritableCache,
    open: OpenFile,
    private readonly transfer: Transfer,
    private readonly options: KeptFileOptions,
  ) {
    this.size = options.size;
    this.#open = open;
    this.done = this.#run(open);
    // Whoever reads or finishes sees the failure; nobody may be doing either.
    this.done.catch(() => {});
  }

  /** Starts, or goes on with what an earlier download left. @throws {StorageError} weights-in-use */
  static async start(cache: WritableCache, transfer: Transfer, options: KeptFileOptions): Promise<KeptFile> {
    const open = await cache.part(options.key);
    if (open.size > options.size) open.clear();
    return new KeptFile(cache, open, transfer, options);
  }

  slice(begin = 0, end = this.size): { arrayBuffer(): Promise<ArrayBuffer> } {
    return { arrayBuffer: () => this.#read(begin, Math.min(end, this.size)) };
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#read(0, this.size);
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.arrayBuffer());
  }

  async #read(begin: number, end: number): Promise<ArrayBuffer> {
    // The file may be closed and opened anew between a wake-up and the read that waited for it: then it waits once more.
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      if (this.#whole) return this.#whole.slice(begin, end).arrayBuffer();
      if (this.#open && this.#open.size >= end) return this.#open.read(begin, end).buffer;
      await new Promise<void>(settle => this.#waiting.push({ end, settle }));
    }
  }

  #wake(): void {
    const present = this.#whole ? this.size : (this.#open?.size ?? 0);
    const ready = (end: number): boolean => end <= present || this.#failure !== null;
    const settled = this.#waiting.filter(({ end }) => ready(end));
    this.#waiting = this.#waiting.filter(({ end }) => !ready(end));
    for (const { settle } of settled) settle();
  }

  async #run(open: OpenFile): Promise<void> {
    const { key, checksum, size, onProgress } = this.options;
    try {
      const digest = checksum && (await Digest.of(checksum, size));
      for (let at = 0; digest && at < open.size; at += BLOCK)
        digest.update(open.read(at, Math.min(at + BLOCK, open.size)));
      onProgress(open.size);
      for await (const chunk of this.transfer.bytes(open.size)) {
        await open.append(chunk);
        digest?.update(chunk);
        onProgress(open.size);
        this.#wake();
      }
      this.#check(digest, open);
      this.#close(open);
      await this.cache.markChecked(key);
      this.#whole = (await this.cache.find(key)) ?? null;
      if (!this.#whole)
        throw new SourceError('file-missing', {
          message: `${this.transfer.name} was deleted from this browser while it came in. Download it again.`,
        });
    } catch (error) {
      this.#failure = { error };
      // What has arrived stays for the next attempt.
      this.#close(open);
      throw error;
    } finally {
      this.#wake();
    }
  }

  #close(open: OpenFile): void {
    if (!this.#open) return;
    this.#open = null;
    open.close();
  }

  /** Damaged bytes are of no use to anyone. */
  #check(digest: Digest | undefined, open: OpenFile): void {
    try {
      digest?.check(this.transfer.name);
    } catch (error) {
      open.clear();
      throw error;
    }
  }
}
