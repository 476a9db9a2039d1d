/** Comlink between page and worker, with errors that keep their code: imported by both realms before the first call. */
import * as Comlink from 'comlink';
import { fromErrorInfo, toErrorInfo, type ErrorInfo } from './errors.ts';

interface Thrown {
  value: unknown;
}

/** Comlink's own handler sends name, message and stack only; `code` would be lost. */
export function keepErrorCodes(): void {
  const own = Comlink.transferHandlers.get('throw');
  if (!own) throw new Error('This version of Comlink has no handler for thrown values.');
  const handler: Comlink.TransferHandler<Thrown, ErrorInfo> = {
    canHandle: (value): value is Thrown => own.canHandle(value),
    serialize: thrown => [toErrorInfo(thrown.value), []],
    deserialize: info => {
      throw fromErrorInfo(info);
    },
  };
  Comlink.transferHandlers.set('throw', handler);
}
