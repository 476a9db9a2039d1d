/** The cache of downloaded weights as the worker has it: with files that can be written. */
import { storing } from '../../errors.ts';
import { idOf, OK, openFolders, WeightCache, type CachedModel } from '../cache.ts';
import { holdModel, whileListsRest } from '../locks.ts';
import { OpenFile, writeWhole } from './open-file.ts';

export class WritableCache extends WeightCache {
  /** null where the browser offers no OPFS. */
  static override async open(): Promise<WritableCache | null> {
    const folders = await openFolders();
    return folders && new WritableCache(...folders);
  }

  /**
   * The bytes that have arrived of a file, to append to; one holder at a time.
   * @throws {StorageError} weights-in-use
   */
  async part(key: string): Promise<OpenFile> {
    return OpenFile.open(await this.files.getFileHandle(key, { create: true }));
  }

  /** Says that the bytes of `key` were checked. */
  async markChecked(key: string): Promise<void> {
    await writeWhole(await this.files.getFileHandle(key + OK, { create: true }), '1');
  }

  /** Records which files a model has. */
  async putModel(model: CachedModel): Promise<void> {
    const handle = await this.models.getFileHandle(`${await idOf(model.model)}.json`, { create: true });
    await whileListsRest(() =>
      storing(`the list of files of ${model.label}`, () => writeWhole(handle, JSON.stringify(model))),
    );
  }

  /** Keeps a model, as RunConfig.model writes it, from deletion until `over` is aborted. */
  async hold(model: string, over: AbortSignal): Promise<void> {
    await holdModel(await idOf(model), over);
  }
}
