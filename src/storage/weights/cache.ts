/**
 * Downloaded model files in OPFS, kept by what they hold: two models that share a file share its bytes.
 *
 *   weights/files/<key>        the bytes, appended to while they come in
 *   weights/files/<key>.ok     there once the bytes were checked against what was announced
 *   weights/models/<id>.json   which files a model has
 */
import { StorageError } from '../errors.ts';
import { whileListsRest, whileUnheld } from './locks.ts';

export interface CachedFile {
  /** Inside the model's folder. */
  path: string;
  key: string;
  bytes: number;
}

export interface CachedModel {
  /** As RunConfig.model writes it, pinned to a commit where there is one. */
  model: string;
  /** As a person would name it. */
  label: string;
  /** What else is needed to open the model without its server. */
  listing?: unknown;
  files: CachedFile[];
  addedAt: number;
}

/** A kept model with what of it is here. */
export interface StoredModel extends CachedModel {
  id: string;
  /** Of all its files. */
  bytes: number;
  /** Of these, how many have arrived. */
  present: number;
  /** Whether every file is here and was checked. */
  complete: boolean;
}

const FOLDER = 'weights';
/** After a checked file's name. */
export const OK = '.ok';

/** The two folders; null where the browser offers no OPFS: an insecure page, a private window. */
export async function openFolders(
  folder = FOLDER,
): Promise<[files: FileSystemDirectoryHandle, models: FileSystemDirectoryHandle] | null> {
  try {
    const root = await navigator.storage.getDirectory();
    const home = await root.getDirectoryHandle(folder, { create: true });
    const [files, models] = ['files', 'models'].map(name => home.getDirectoryHandle(name, { create: true }));
    return [await files, await models];
  } catch {
    return null;
  }
}

/** What is kept, as every realm may see and delete it. */
export class WeightCache {
  protected constructor(
    protected readonly files: FileSystemDirectoryHandle,
    protected readonly models: FileSystemDirectoryHandle,
  ) {}

  /** null where the browser offers no OPFS. */
  static async open(): Promise<WeightCache | null> {
    const folders = await openFolders();
    return folders && new WeightCache(...folders);
  }

  /** A file that is here and was checked. */
  async find(key: string): Promise<File | undefined> {
    if (!(await fileIn(this.files, key + OK))) return undefined;
    return fileIn(this.files, key);
  }

  async getModel(model: string): Promise<CachedModel | undefined> {
    return readManifest(await fileIn(this.models, `${await idOf(model)}.json`));
  }

  /** Every kept model, oldest first. */
  async list(): Promise<StoredModel[]> {
    const models: StoredModel[] = [];
    for await (const [name, handle] of this.models.entries()) {
      const manifest = readManifest(await (handle as FileSystemFileHandle).getFile());
      const model = await manifest;
      if (model) models.push(await this.#state(name.replace(/\.json$/, ''), model));
    }
    return models.sort((a, b) => a.addedAt - b.addedAt);
  }

  async #state(id: string, model: CachedModel): Promise<StoredModel> {
    let present = 0;
    let complete = true;
    for (const { key, bytes } of model.files) {
      const file = await fileIn(this.files, key);
      present += Math.min(file?.size ?? 0, bytes);
      complete &&= (await fileIn(this.files, key + OK)) !== undefined;
    }
    return { ...model, id, bytes: model.files.reduce((sum, file) => sum + file.bytes, 0), present, complete };
  }

  /**
   * Deletes a model and every file that no other one has.
   * @throws {StorageError} weights-in-use while it is being downloaded or loaded, in whatever tab; nothing is deleted then
   */
  async delete(id: string): Promise<void> {
    const label = (await this.list()).find(model => model.id === id)?.label ?? 'This model';
    await whileUnheld(id, label, () => whileListsRest(() => this.#remove(id)));
  }

  async #remove(id: string): Promise<void> {
    const keys = new Set(
      (await this.list())
        .filter(model => model.id !== id)
        .flatMap(model => model.files)
        .map(file => file.key),
    );
    for await (const name of this.files.keys())
      if (!keys.has(name.endsWith(OK) ? name.slice(0, -OK.length) : name))
        await removeIfThere(this.files, name);
    await removeIfThere(this.models, `${id}.json`);
  }
}

/** Bytes that the browser lets this site store beyond what it holds; null where it does not say. */
export async function roomForWeights(): Promise<number | null> {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return quota === undefined || usage === undefined ? null : Math.max(0, quota - usage);
}

/** Name of a model's list of files. */
export async function idOf(model: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(model));
  return [...new Uint8Array(digest).slice(0, 8)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

/** undefined for a list that was cut off while it was written. */
async function readManifest(file: File | undefined): Promise<CachedModel | undefined> {
  try {
    return file && (JSON.parse(await file.text()) as CachedModel);
  } catch {
    return undefined;
  }
}

async function fileIn(folder: FileSystemDirectoryHandle, name: string): Promise<File | undefined> {
  try {
    return await (await folder.getFileHandle(name)).getFile();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
    throw error;
  }
}

async function removeIfThere(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
  try {
    await folder.removeEntry(name);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (error.name === 'NotFoundError') return;
    if (error.name !== 'NoModificationAllowedError') throw error;
    throw new StorageError('weights-in-use', {
      message:
        'Some of these weights are open, in this tab or another one of this browser. Wait for it or close it, then delete them.',
      cause: error,
    });
  }
}
