/** Imported model folders and adapters: files in Hub layout, each a Blob. */
import { openDatabase } from './database.ts';
import { StorageError, storing } from './errors.ts';
import type { ImportRow } from './schema.ts';

/** What `RunConfig.model` says for an imported folder, before its id. */
export const IMPORT_PREFIX = 'import:';

/** Stores a folder and its entry in the list, all or nothing. */
export async function addModel(entry: ImportRow, files: Map<string, Blob>): Promise<void> {
  const database = await openDatabase();
  await storing(`model “${entry.name}” (${(entry.bytes / 1e6).toFixed(1)} MB)`, async () => {
    const transaction = database.transaction(['imports', 'models'], 'readwrite');
    const models = transaction.objectStore('models');
    const writes: Promise<unknown>[] = [transaction.objectStore('imports').put(entry)];
    for (const [path, blob] of files) writes.push(models.put({ modelId: entry.id, path, blob }));
    await Promise.all([...writes, transaction.done]);
  });
}

/** Imported models, oldest first. */
export async function listModels(): Promise<ImportRow[]> {
  const database = await openDatabase();
  const rows = await storing('the list of models', () => database.getAll('imports'));
  return rows.sort((a, b) => a.importedAt - b.importedAt);
}

/**
 * Entry and files of an imported model.
 *
 * @param id  without `import:`.
 * @throws {StorageError} `model-missing` when it was deleted, or was imported in another browser.
 */
export async function getModel(id: string): Promise<{ entry: ImportRow; files: Map<string, Blob> }> {
  const database = await openDatabase();
  return storing('an imported model', async () => {
    const transaction = database.transaction(['imports', 'models']);
    const [entry, rows] = await Promise.all([
      transaction.objectStore('imports').get(id),
      transaction.objectStore('models').index('modelId').getAll(id),
    ]);
    if (!entry) {
      throw new StorageError('model-missing', {
        message: `The imported model ${id} is not in this browser. Import its file again, or choose another policy.`,
      });
    }
    return { entry, files: new Map(rows.map(row => [row.path, row.blob])) };
  });
}

export async function deleteModel(id: string): Promise<void> {
  const database = await openDatabase();
  await storing('the deletion of a model', async () => {
    const transaction = database.transaction(['imports', 'models'], 'readwrite');
    const models = transaction.objectStore('models');
    const keys = await models.index('modelId').getAllKeys(id);
    const removals: Promise<unknown>[] = keys.map(key => models.delete(key));
    await Promise.all([...removals, transaction.objectStore('imports').delete(id), transaction.done]);
  });
}
