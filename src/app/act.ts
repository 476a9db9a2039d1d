/** What a person asked for, done; what goes wrong with it, told. */
import { toErrorInfo } from '../errors.ts';
import type { Session } from '../session/session.ts';

/** Runs `action`; an error becomes the page's message, whatever it is. */
export async function act<T>(session: Session, action: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    session.store.update({ error: toErrorInfo(error) });
    if (!(error instanceof Error && 'code' in error)) console.error(error);
    return undefined;
  }
}
