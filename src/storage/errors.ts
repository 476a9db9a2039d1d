/** Why something could not be kept or read back; the page chooses its cure by the code. */
import { CodedError } from '../errors.ts';

export type StorageErrorCode =
  /** The origin's quota, or the disk, has no room for the write. What was stored before is untouched. */
  | 'storage-full'
  /** Another tab holds an older version of the database open. */
  | 'storage-blocked'
  /** The browser offers no IndexedDB here (private window, blocked site data) or closed it. */
  | 'storage-unavailable'
  /** A row that something refers to is not there. */
  | 'storage-missing'
  /** An imported model that a configuration names. */
  | 'model-missing'
  /** A copy of MiniWoB++'s pages that a configuration names. */
  | 'pages-missing'
  /** Downloaded weights that something else holds open. */
  | 'weights-in-use'
  /** What was read is not what was written. */
  | 'storage-corrupt';

/** An error of IndexedDB, worded for the person at the page. */
export class StorageError extends CodedError {
  override readonly name = 'StorageError';

  constructor(
    override readonly code: StorageErrorCode,
    options: { message: string; cause?: unknown },
  ) {
    super(code, options);
  }
}

/**
 * Runs a storage operation and rewords what the browser throws.
 *
 * @param what  the thing being kept or read, as it reads after “could not be stored: ”, e.g. `episodes of run 3f2a`.
 * @throws {StorageError} for every failure of IndexedDB; other errors pass unchanged.
 */
export async function storing<T>(what: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw await reword(what, error);
  }
}

async function reword(what: string, error: unknown): Promise<unknown> {
  // Chromium 140+ throws a QuotaExceededError that is its own class; before it was a DOMException of that name.
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'QuotaExceededError') {
    return new StorageError('storage-full', {
      message: `No room left to store ${what}${await usage()}. Export what you need, then delete old runs, imported models or downloaded weights; the runs stored so far are untouched.`,
      cause: error,
    });
  }
  if (error instanceof DOMException) {
    return new StorageError('storage-unavailable', {
      message: `The browser’s database failed on ${what}: ${error.name}, ${error.message}. Reload the page; if it stays, allow this site to store data.`,
      cause: error,
    });
  }
  return error;
}

/** ` (12 MB of 60 MB used)`, or nothing where the browser does not say. */
async function usage(): Promise<string> {
  const { usage, quota } = (await navigator.storage?.estimate?.()) ?? {};
  if (usage === undefined || quota === undefined) return '';
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  return ` (${megabytes(usage)} of ${megabytes(quota)} used)`;
}
