/** Why an episode is void, as the agent tells the host. */

/** Thrown inside the frame; main.ts turns it into a `failed` reply with its code. */
export class FrameError extends Error {
  constructor(
    /** Stable kebab-case identifier; src/env/errors.ts lists them. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A Python exception that the policy is told of: `<pythonClass>: <message>` becomes last_action_error. */
export class ActionError extends Error {
  constructor(
    readonly pythonClass: 'Error' | 'TimeoutError' | 'ValueError' | 'TypeError' | 'NameError',
    message: string,
  ) {
    super(message);
  }

  override toString(): string {
    return `${this.pythonClass}: ${this.message}`;
  }
}
