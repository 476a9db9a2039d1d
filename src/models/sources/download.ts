/** One file of a model brought here: from the cache, into the cache, or past it where there is no room. */
import type { WritableCache } from '../../storage/weights/writing/writable-cache.ts';
import type { ModelFile } from '../file-source.ts';
import type { Checksum } from './digest.ts';
import { KeptFile } from './kept-file.ts';
import { PassingFile } from './passing-file.ts';
import type { Patience } from './patience.ts';
import type { ProgressMeter } from './progress.ts';
import { Transfer } from './transfer.ts';

/** What every download of one model shares. */
export interface DownloadContext extends Patience {
  /** null keeps nothing. */
  cache: WritableCache | null;
  /** Until it is aborted nobody can delete what is kept of the model. */
  over: AbortSignal;
  token?: string;
  /** Milliseconds without a byte after which a connection is given up. */
  patience?: number;
  meter: ProgressMeter;
  /** Tells what is worth knowing and stops nothing. */
  notice(code: string, message: string): void;
}

export interface Wanted {
  path: string;
  url: string;
  key: string;
  size: number;
  checksum?: Checksum;
}

/** The downloads of one model: what is under way, and how it ended. */
export class Downloads {
  readonly #under: (() => Promise<void>)[] = [];

  constructor(readonly context: DownloadContext) {}

  /** @throws {StorageError} weights-in-use */
  async open({ path, url, key, size, checksum }: Wanted): Promise<ModelFile> {
    const { cache, meter, ...rest } = this.context;
    const kept = await cache?.find(key);
    if (kept?.size === size) {
      meter.report(path, size, size);
      return kept;
    }
    const transfer = new Transfer(url, { ...rest, name: path, size });
    const onProgress = (present: number): void => meter.report(path, present, size);
    if (!cache) {
      const passing = new PassingFile(transfer, { size, checksum, onProgress });
      this.#under.push(() => passing.finish());
      return passing;
    }
    const file = await KeptFile.start(cache, transfer, { key, size, checksum, onProgress });
    this.#under.push(() => file.done);
    return file;
  }

  /** Waits until every opened file is here whole and checked. */
  async finish(): Promise<void> {
    const ends = await Promise.allSettled(this.#under.map(end => end()));
    const failed = ends.find(end => end.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
