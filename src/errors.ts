/** Errors for people: a `code` that survives the worker boundary, and a message that says what, where and what to do. */

/** Base of every error that this project throws on purpose. Subclass it per room; never throw bare strings. */
export class CodedError extends Error {
  override readonly name: string = 'CodedError';

  constructor(
    /** Stable identifier in kebab-case, for tests and for the page's choice of cure. */
    readonly code: string,
    options: { message: string; cause?: unknown },
  ) {
    super(options.message, { cause: options.cause });
  }
}

/** What of an error can be sent through postMessage. */
export interface ErrorInfo {
  name: string;
  code: string;
  message: string;
  stack?: string;
}

/** Flattens any thrown value for sending; errors that are not ours get the code `unexpected`. */
export function toErrorInfo(error: unknown): ErrorInfo {
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'unexpected';
    return { name: error.name, code, message: error.message, stack: error.stack };
  }
  return { name: 'Error', code: 'unexpected', message: String(error) };
}

/** The error that `toErrorInfo` flattened, with its code and the stack of the other realm. */
export function fromErrorInfo(info: ErrorInfo): CodedError {
  const error = new CodedError(info.code, { message: info.message });
  Object.defineProperty(error, 'name', { value: info.name });
  if (info.stack) error.stack = info.stack;
  return error;
}
