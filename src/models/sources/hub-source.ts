/** A Hub repository at one commit as a source of files. What was kept of it opens without the network. */
import { isCommit, writeModelName, type HubName } from '../../config/model-name.ts';
import { roomForWeights } from '../../storage/weights/cache.ts';
import type { FileSource, ModelFile } from '../file-source.ts';
import { visionPart } from '../gguf/choose.ts';
import type { Checksum } from './digest.ts';
import { Downloads, type DownloadContext } from './download.ts';
import { listHub, type HubListing, type ListedFile } from './hub-listing.ts';
import { neededFiles } from './needed-files.ts';

export class HubSource implements FileSource {
  readonly #downloads: Downloads;
  readonly #files: Map<string, ListedFile>;

  private constructor(
    /** Pinned to the commit. */
    readonly model: HubName,
    private readonly listing: HubListing,
    private readonly needed: readonly ListedFile[],
    private readonly context: DownloadContext,
    private listed: boolean,
  ) {
    this.#downloads = new Downloads(context);
    this.#files = new Map(listing.files.map(file => [file.path, file]));
  }

  /** Lists the repository and looks whether what it needs can be kept. @throws {SourceError} @throws {StorageError} */
  static async open(name: HubName, context: DownloadContext): Promise<HubSource> {
    const { cache, over } = context;
    // Before anybody looks what is kept of it.
    if (isCommit(name.revision)) await cache?.hold(writeModelName(name), over);
    const { model, listing, known } = await pin(name, context);
    if (!isCommit(name.revision)) await cache?.hold(writeModelName(model), over);
    const needed = neededFiles(listing.files, model.file);
    context.meter.expect(needed.reduce((sum, { size }) => sum + size, 0));
    const keeps = cache !== null && (known || (await hasRoom(needed, context)));
    return new HubSource(model, listing, needed, keeps ? context : { ...context, cache: null }, known);
  }

  get label(): string {
    return labelOf(this.model);
  }

  names(): string[] {
    return [...this.#files.keys()];
  }

  async find(path: string): Promise<ModelFile | undefined> {
    const file = this.#files.get(path);
    if (!file) return undefined;
    await this.#list();
    const { endpoint, repo, revision } = this.model;
    const address = path.split('/').map(encodeURIComponent).join('/');
    const url = `${endpoint}/${repo}/resolve/${revision}/${address}`;
    return this.#downloads.open({ ...file, url, key: keyOf(file.checksum) });
  }

  async visionPart(): Promise<string | undefined> {
    return this.model.file && visionPart(this.names(), this.model.file);
  }

  finish(): Promise<void> {
    return this.#downloads.finish();
  }

  /** Brings everything that loading reads, one file after the other. @throws {SourceError} @throws {StorageError} */
  async fetchAll(): Promise<void> {
    for (const { path } of this.needed) {
      await this.find(path);
      await this.finish();
    }
  }

  /** Records what is kept, before the first byte is. */
  async #list(): Promise<void> {
    if (this.listed || !this.context.cache) return;
    this.listed = true;
    const files = this.needed.map(({ path, size, checksum }) => ({
      path,
      key: keyOf(checksum),
      bytes: size,
    }));
    const { model, listing } = this;
    await this.context.cache.putModel({
      model: writeModelName(model),
      label: labelOf(model),
      listing,
      files,
      addedAt: Date.now(),
    });
  }
}

function labelOf({ repo, revision, file }: HubName): string {
  return `${repo}${file ? `/${file}` : ''} (${revision.slice(0, 7)})`;
}

function keyOf(checksum: Checksum): string {
  return 'sha256' in checksum ? `sha256-${checksum.sha256}` : `git-${checksum.git}`;
}

/** The commit that the name stands for, with its files: from the cache when the name is a commit that is kept. */
async function pin(
  name: HubName,
  { cache, ...options }: DownloadContext,
): Promise<{ model: HubName; listing: HubListing; known: boolean }> {
  if (isCommit(name.revision)) {
    const kept = await cache?.getModel(writeModelName(name));
    if (kept?.listing) return { model: name, listing: kept.listing as HubListing, known: true };
  }
  const listing = await listHub(name, options);
  return { model: { ...name, revision: listing.commit }, listing, known: false };
}

/** Whether the browser lets this site store what is still to come; says so when not. */
async function hasRoom(files: readonly ListedFile[], { cache, notice }: DownloadContext): Promise<boolean> {
  const room = await roomForWeights();
  if (room === null) return true;
  let needed = 0;
  for (const { checksum, size } of files) if (!(await cache!.find(keyOf(checksum)))) needed += size;
  if (needed <= room) return true;
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
  notice(
    'weights-not-kept',
    `The browser gives this site ${gigabytes(room)} more, and the model needs ${gigabytes(needed)}. It is loaded without being kept, and comes over the network again next time. Delete runs or downloaded models to make room.`,
  );
  return false;
}
