/** A file in OPFS that is open for reading and appending. Only workers have such access. */
import { StorageError, storing } from '../../errors.ts';

/** Declared here because tests type-check this file with a page's library too, which has no such access. */
interface SyncAccess {
  read(bytes: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}
type Openable = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncAccess> };

export class OpenFile {
  #size: number;

  private constructor(private readonly access: SyncAccess) {
    this.#size = access.getSize();
  }

  /** @throws {StorageError} weights-in-use when another tab or worker has it open */
  static async open(handle: FileSystemFileHandle): Promise<OpenFile> {
    try {
      return new OpenFile(await (handle as Openable).createSyncAccessHandle());
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NoModificationAllowedError') throw error;
      throw new StorageError('weights-in-use', {
        message: 'These weights are being downloaded in another tab. Wait for it, or close that tab.',
        cause: error,
      });
    }
  }

  get size(): number {
    return this.#size;
  }

  read(begin: number, end: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(end - begin);
    this.access.read(bytes, { at: begin });
    return bytes;
  }

  /** @throws {StorageError} storage-full */
  async append(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await storing('downloaded weights', async () => {
      const written = this.access.write(bytes, { at: this.#size });
      // Chromium writes what fits and says so by the count.
      if (written < bytes.length) throw new DOMException('no room', 'QuotaExceededError');
    });
    this.#size += bytes.length;
  }

  clear(): void {
    this.access.truncate(0);
    this.#size = 0;
  }

  close(): void {
    this.access.flush();
    this.access.close();
  }
}

/** Replaces a small file's text. */
export async function writeWhole(handle: FileSystemFileHandle, text: string): Promise<void> {
  const file = await OpenFile.open(handle);
  try {
    file.clear();
    await file.append(new TextEncoder().encode(text));
  } finally {
    file.close();
  }
}
