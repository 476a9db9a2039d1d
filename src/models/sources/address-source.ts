/** A folder below any address as a source of files. Nothing is listed: a file is there when the server sends it. */
import type { AddressName } from '../../config/model-name.ts';
import { roomForWeights, type CachedFile } from '../../storage/weights/cache.ts';
import type { FileSource, ModelFile } from '../file-source.ts';
import { Downloads, type DownloadContext } from './download.ts';
import { SourceError } from './errors.ts';
import { INDEX, SINGLE, TEXTS } from './needed-files.ts';
import { Transfer } from './transfer.ts';

/** Files up to this many bytes are read at once and not kept. */
const SMALL = 16 << 20;

export class AddressSource implements FileSource {
  readonly #keeping: Downloads;
  readonly #passing: Downloads;
  readonly #kept: CachedFile[] = [];

  constructor(
    readonly model: AddressName,
    private readonly context: DownloadContext,
  ) {
    this.#keeping = new Downloads(context);
    this.#passing = new Downloads({ ...context, cache: null });
  }

  get label(): string {
    return this.model.url;
  }

  names(): null {
    return null;
  }

  async find(path: string): Promise<ModelFile | undefined> {
    const url = this.model.url + path.split('/').map(encodeURIComponent).join('/');
    const transfer = new Transfer(url, { ...this.context, name: url });
    const stream = transfer.bytes();
    try {
      const first = await stream.next();
      // A server of a single-page site answers an unknown path with its page instead of 404.
      if (transfer.contentType.startsWith('text/html')) return undefined;
      if (transfer.size === undefined || transfer.size <= SMALL) {
        const parts = first.done ? [] : [first.value];
        for await (const chunk of stream) parts.push(chunk);
        const blob = new Blob(parts);
        this.context.meter.expect(blob.size);
        this.context.meter.report(path, blob.size, blob.size);
        return blob;
      }
    } catch (error) {
      if (error instanceof SourceError && error.code === 'file-missing') return undefined;
      throw error;
    } finally {
      await stream.return(undefined);
    }
    return this.#large(path, url, transfer.size, transfer.version);
  }

  async #large(path: string, url: string, size: number, version: string): Promise<ModelFile> {
    const { cache, meter } = this.context;
    meter.expect(size);
    const key = `url-${await hexDigest(`${url}\n${version}\n${size}`)}`;
    const room = (await roomForWeights()) ?? Infinity;
    // Without a version nobody can tell a kept file from one that was replaced since.
    const keeps = cache !== null && version !== '' && (room >= size || (await cache.find(key)) !== undefined);
    if (!keeps) return this.#passing.open({ path, url, key, size });
    if (this.#kept.length === 0) await cache.hold(this.model.url, this.context.over);
    this.#kept.push({ path, key, bytes: size });
    const label = `${new URL(this.model.url).host}${new URL(this.model.url).pathname}`;
    await cache.putModel({ model: this.model.url, label, files: this.#kept, addedAt: Date.now() });
    return this.#keeping.open({ path, url, key, size });
  }

  /** Named after the file, as llama.cpp's converter does: nothing is listed at an address. */
  async visionPart(): Promise<string | undefined> {
    const name = `mmproj-${decodeURIComponent(this.model.file ?? '')}`;
    return (await this.find(name)) ? name : undefined;
  }

  /** Brings everything that loading reads, one file after the other. @throws {SourceError} @throws {StorageError} */
  async fetchAll(): Promise<void> {
    const file = this.model.file && decodeURIComponent(this.model.file);
    const weights = file ?? ((await this.find(SINGLE)) ? SINGLE : INDEX);
    for (const path of [...(file ? [] : TEXTS), weights]) {
      await this.find(path);
      await this.finish();
    }
    if (file) await this.visionPart();
    if (weights !== INDEX) return;
    const index = await (await this.find(INDEX))?.text();
    const { weight_map: map = {} } = JSON.parse(index ?? '{}') as { weight_map?: Record<string, string> };
    for (const shard of new Set(Object.values(map))) {
      await this.find(shard);
      await this.finish();
    }
  }

  async finish(): Promise<void> {
    await this.#keeping.finish();
    await this.#passing.finish();
  }
}

async function hexDigest(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
