/** Copies of MiniWoB++'s pages that a person brought in: one row that is listed, and its files beside it. */
import { openDatabase } from './database.ts';
import { StorageError, storing } from './errors.ts';
import type { PageFolderRow } from './schema.ts';

/** Stores a folder and its files, all or nothing. The same files again are the same row. */
export async function addPageFolder(row: PageFolderRow, files: ReadonlyMap<string, Blob>): Promise<void> {
  const database = await openDatabase();
  await storing(`the pages of “${row.name}” (${(row.bytes / 1e6).toFixed(1)} MB)`, async () => {
    const transaction = database.transaction(['pageFolders', 'pageFiles'], 'readwrite');
    await Promise.all([
      transaction.objectStore('pageFolders').put(row),
      transaction.objectStore('pageFiles').put({ folderId: row.id, files: new Map(files) }),
      transaction.done,
    ]);
  });
}

/** Stored folders, oldest first. */
export async function listPageFolders(): Promise<PageFolderRow[]> {
  const database = await openDatabase();
  const rows = await storing('the list of task pages', () => database.getAll('pageFolders'));
  return rows.sort((a, b) => a.addedAt - b.addedAt);
}

/** A folder's files by path. @throws {StorageError} `pages-missing` when it is not in this browser. */
export async function pageFilesOf(id: string): Promise<ReadonlyMap<string, Blob>> {
  const database = await openDatabase();
  const row = await storing('the task pages', () => database.get('pageFiles', id));
  if (row) return row.files;
  throw new StorageError('pages-missing', { message: missingPages(`pages:${id}`) });
}

/** What to tell of an environment whose pages are not here. */
export function missingPages(environment: string): string {
  return `The MiniWoB++ pages of this configuration (${environment}) are not in this browser. Pick or drop the same copy of its html folder under Environment, or choose the built-in tasks.`;
}

export async function deletePageFolder(id: string): Promise<void> {
  const database = await openDatabase();
  await storing('the deletion of task pages', async () => {
    const transaction = database.transaction(['pageFolders', 'pageFiles'], 'readwrite');
    await Promise.all([
      transaction.objectStore('pageFolders').delete(id),
      transaction.objectStore('pageFiles').delete(id),
      transaction.done,
    ]);
  });
}
