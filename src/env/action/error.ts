/** What BrowserGym would report about an action that it cannot run. */
import { CodedError } from '../../errors.ts';
import type { ActionCall } from '../../frame/protocol.ts';

export type ActionErrorCode =
  | 'empty-action'
  | 'multi-action'
  | 'unknown-action'
  | 'bad-arguments'
  | 'bad-literal'
  | 'not-an-action'
  | 'too-deep';

/** An action that failed before it touched the page. `text` is BrowserGym's `last_action_error`. */
export class ActionError extends CodedError {
  override readonly name = 'ActionError';

  constructor(
    code: ActionErrorCode,
    /** The Python exception that BrowserGym raises, such as `ValueError`. */
    readonly pythonClass: string,
    detail: string,
    /** Calls of the same text that come before the bad one: BrowserGym runs these, then stops. */
    readonly before: ActionCall[] = [],
  ) {
    super(code, { message: `${pythonClass}: ${detail}` });
  }

  /** `<ExceptionClass>: <message>`. */
  get text(): string {
    return this.message;
  }
}
