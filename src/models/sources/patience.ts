/** Asking again: what passes by itself is waited for, what does not is thrown at once. */
import { unreachable, Temporary } from './answers.ts';
import { SourceError } from './errors.ts';

export interface Patience {
  signal?: AbortSignal;
  /** Milliseconds before the second attempt; doubles with each further one. */
  backoff?: number;
}

/** Attempts in a row that bring nothing. */
const ATTEMPTS = 6;
const LONGEST_WAIT = 60_000;

/**
 * Waits as long as the failure asks for.
 * @param what  file or listing, for messages
 * @param failures  attempts in a row that brought nothing, this one included
 * @throws {SourceError} when there is no point in going on
 */
export async function waitAfter(
  error: unknown,
  failures: number,
  what: string,
  { signal, backoff = 500 }: Patience,
): Promise<void> {
  if (signal?.aborted) throw cancelled(what);
  if (error instanceof SourceError) throw error;
  const temporary =
    error instanceof Temporary ? error : new Temporary(unreachable(what, reasonOf(error), error));
  if (failures >= ATTEMPTS) throw temporary.reason;
  const wait = temporary.seconds === undefined ? backoff * 2 ** (failures - 1) : temporary.seconds * 1000;
  await pause(Math.min(wait, LONGEST_WAIT), signal);
  if (signal?.aborted) throw cancelled(what);
}

function cancelled(what: string): SourceError {
  return new SourceError('download-cancelled', {
    message: `The download of ${what} was stopped. What has arrived is kept, and the next download goes on from there.`,
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'AbortError') return 'nothing came for too long';
  return error instanceof Error ? error.message : String(error);
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    }
  });
}
