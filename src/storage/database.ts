/** Opens the one database of a realm (page or worker), creates and upgrades its schema, and keeps the connection. */
import { openDB, type IDBPDatabase } from 'idb';
import { StorageError, storing } from './errors.ts';
import { DATABASE_NAME, DATABASE_VERSION, type BrowserGrpoSchema } from './schema.ts';

export type Database = IDBPDatabase<BrowserGrpoSchema>;

const connections = new Map<string, Promise<Database>>();

/**
 * The open connection of this realm, made at the first call and again after the browser closed it.
 *
 * @param name  the database, for tests that want one of their own.
 * @throws {StorageError} `storage-unavailable` where the browser offers no IndexedDB; `storage-blocked` while another
 *   tab keeps an older version open.
 */
export function openDatabase(name = DATABASE_NAME): Promise<Database> {
  const known = connections.get(name);
  if (known) return known;
  const opening = storing('the database itself', () => open(name));
  connections.set(name, opening);
  opening.catch(() => forget(name, opening));
  return opening;
}

/** Closes the connection, so that the database can be deleted or upgraded; the next `openDatabase` opens it anew. */
export async function closeDatabase(name = DATABASE_NAME): Promise<void> {
  const connection = connections.get(name);
  if (!connection) return;
  connections.delete(name);
  (await connection).close();
}

function forget(name: string, connection: Promise<Database>): void {
  if (connections.get(name) === connection) connections.delete(name);
}

function open(name: string): Promise<Database> {
  if (!('indexedDB' in globalThis)) {
    throw new StorageError('storage-unavailable', {
      message:
        'This browser offers no IndexedDB, so no run can be kept. Leave private browsing, or allow site data.',
    });
  }
  return new Promise((resolve, reject) => {
    const opening = openDB<BrowserGrpoSchema>(name, DATABASE_VERSION, {
      upgrade(database, oldVersion) {
        if (oldVersion < 1) createVersion1(database);
        if (oldVersion < 2) database.createObjectStore('ownTasks', { keyPath: 'name' });
        if (oldVersion < 3) createPageStores(database);
        if (oldVersion < 4)
          database.createObjectStore('demonstrations', { keyPath: 'id' }).createIndex('task', 'task');
      },
      blocked: () =>
        reject(
          new StorageError('storage-blocked', {
            message:
              'Another tab holds an older version of the stored runs open. Close or reload that tab, then reload this one.',
          }),
        ),
      // A newer version of the page waits in another tab: let it upgrade.
      blocking: () => void closeDatabase(name),
      terminated: () => connections.delete(name),
    });
    opening.then(resolve, reject);
  });
}

function createVersion1(database: Database): void {
  database.createObjectStore('runs', { keyPath: 'id' }).createIndex('createdAt', 'createdAt');
  database.createObjectStore('metrics', { keyPath: ['runId', 'step'] }).createIndex('runId', 'runId');
  const episodes = database.createObjectStore('episodes', { keyPath: 'id', autoIncrement: true });
  episodes.createIndex('runId', 'runId');
  episodes.createIndex('runStep', ['runId', 'step']);
  database.createObjectStore('evaluations', { keyPath: ['runId', 'step'] }).createIndex('runId', 'runId');
  database.createObjectStore('checkpoints', { keyPath: ['runId', 'step'] }).createIndex('runId', 'runId');
  database.createObjectStore('models', { keyPath: ['modelId', 'path'] }).createIndex('modelId', 'modelId');
  database.createObjectStore('imports', { keyPath: 'id' });
}

function createPageStores(database: Database): void {
  database.createObjectStore('pageFolders', { keyPath: 'id' });
  database.createObjectStore('pageFiles', { keyPath: 'folderId' });
}
