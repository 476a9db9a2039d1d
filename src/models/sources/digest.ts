/** The checksum that a source announced for a file, computed as its bytes come by. */
import { createSHA1, createSHA256, type IHasher } from 'hash-wasm';
import { SourceError } from './errors.ts';

/** SHA-256 of the content, as LFS names it, or the SHA-1 that git gives a blob. Lower-case hex. */
export type Checksum = { sha256: string } | { git: string };

export class Digest {
  private constructor(
    private readonly hasher: IHasher,
    private readonly announced: string,
  ) {}

  /** @param size  bytes of the file, which git's sum includes */
  static async of(checksum: Checksum, size: number): Promise<Digest> {
    if ('sha256' in checksum) return new Digest(await createSHA256(), checksum.sha256);
    const hasher = await createSHA1();
    hasher.update(new TextEncoder().encode(`blob ${size}\0`));
    return new Digest(hasher, checksum.git);
  }

  update(bytes: Uint8Array): void {
    this.hasher.update(bytes);
  }

  /** @throws {SourceError} hash-mismatch */
  check(name: string): void {
    const found = this.hasher.digest('hex');
    if (found === this.announced) return;
    throw new SourceError('hash-mismatch', {
      message: `${name} arrived damaged: its checksum is ${found.slice(0, 12)}…, ${this.announced.slice(0, 12)}… was announced. It was thrown away; download it again, over another connection if this happens twice.`,
    });
  }
}
