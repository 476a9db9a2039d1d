/** Runs as rows: made, changed, listed, and deleted with everything that belongs to them. */
import { openDatabase } from './database.ts';
import { StorageError, storing } from './errors.ts';
import type { RunRow } from './schema.ts';

/** Stores that hold rows of a run under the index `runId`. */
const CHILD_STORES = ['metrics', 'episodes', 'evaluations', 'checkpoints'] as const;

/** Stores a new run, or replaces the row of the same id. */
export async function putRun(run: RunRow): Promise<void> {
  const database = await openDatabase();
  await storing(`run “${run.name}”`, () => database.put('runs', run));
}

/**
 * Changes fields of a stored run in one transaction, so that a checkpoint flipped by the worker meanwhile is not lost.
 *
 * @returns the row as it now is.
 * @throws {StorageError} `storage-missing` when the run was deleted.
 */
export async function updateRun(id: string, change: Partial<Omit<RunRow, 'id'>>): Promise<RunRow> {
  const database = await openDatabase();
  return storing('the state of a run', async () => {
    const transaction = database.transaction('runs', 'readwrite');
    const row = await transaction.store.get(id);
    if (!row) {
      await transaction.done;
      throw new StorageError('storage-missing', {
        message: `Run ${id} is not stored here; it may have been deleted.`,
      });
    }
    const changed = { ...row, ...change, updatedAt: Date.now() };
    await Promise.all([transaction.store.put(changed), transaction.done]);
    return changed;
  });
}

export async function getRun(id: string): Promise<RunRow | undefined> {
  const database = await openDatabase();
  return storing('a run', () => database.get('runs', id));
}

/** All runs, newest first. */
export async function listRuns(): Promise<RunRow[]> {
  const database = await openDatabase();
  const rows = await storing('the list of runs', () => database.getAllFromIndex('runs', 'createdAt'));
  return rows.reverse();
}

/** Deletes a run with its metrics, episodes, evaluations and checkpoints, all or nothing. */
export async function deleteRun(id: string): Promise<void> {
  const database = await openDatabase();
  await storing('the deletion of a run', async () => {
    const transaction = database.transaction(['runs', ...CHILD_STORES], 'readwrite');
    const removals: Promise<unknown>[] = [transaction.objectStore('runs').delete(id)];
    for (const name of CHILD_STORES) {
      const store = transaction.objectStore(name);
      for (const key of await store.index('runId').getAllKeys(id)) removals.push(store.delete(key as never));
    }
    await Promise.all([...removals, transaction.done]);
  });
}

/**
 * Removes what a resumed run will do again: metrics and episodes after its checkpoint, evaluations after it, and the
 * episodes of an evaluation at that step that was cut short.
 *
 * @param step  steps that the checkpoint holds; -1 for none.
 */
export async function deleteUnsaved(id: string, step: number): Promise<void> {
  const database = await openDatabase();
  await storing('the removal of unsaved steps', async () => {
    const transaction = database.transaction(['metrics', 'evaluations', 'episodes'], 'readwrite');
    const later = IDBKeyRange.bound([id, step], [id, Infinity], true);
    const evaluated = await transaction.objectStore('evaluations').getKey([id, step]);
    const episodes = transaction.objectStore('episodes');
    const removals: Promise<unknown>[] = [
      transaction.objectStore('metrics').delete(later),
      transaction.objectStore('evaluations').delete(later),
    ];
    for (const key of await episodes.index('runStep').getAllKeys(later)) removals.push(episodes.delete(key));
    if (!evaluated) {
      for (const { id: key, split } of await episodes.index('runStep').getAll([id, step]))
        if (split === 'held-out') removals.push(episodes.delete(key as number));
    }
    await Promise.all([...removals, transaction.done]);
  });
}
