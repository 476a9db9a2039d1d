/** Who uses kept weights, by Web Locks: what one tab brings or reads, no other deletes meanwhile. */
import { StorageError } from '../errors.ts';

const MODEL = 'browser-grpo:weights:';
const LISTS = 'browser-grpo:weight-lists';

/** Keeps a model from deletion until `over` is aborted. Waits for a deletion that is under way. */
export function holdModel(id: string, over: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const used = new Promise<void>(end => {
      if (over.aborted) end();
      over.addEventListener('abort', () => end());
    });
    const held = (): Promise<void> => {
      resolve();
      return used;
    };
    navigator.locks.request(MODEL + id, { mode: 'shared' }, held).catch(reject);
  });
}

/**
 * Does `work` while nobody holds the model.
 * @throws {StorageError} weights-in-use while somebody does; nothing is done then
 */
export function whileUnheld(id: string, label: string, work: () => Promise<void>): Promise<void> {
  return navigator.locks.request(MODEL + id, { ifAvailable: true }, async lock => {
    if (lock) return work();
    throw new StorageError('weights-in-use', {
      message: `${label} is being downloaded or loaded now, in this tab or another one of this browser. Wait for it or stop it there, then delete it.`,
    });
  });
}

/** Does `work` while no other tab writes which files a model has: such a list is empty for a moment, and its files look like nobody's. */
export function whileListsRest<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks.request(LISTS, work) as Promise<T>;
}
