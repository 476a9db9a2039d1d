/** Events on their way to the page: sent without waiting, and all of them there before a run says that it has ended. */
import type { RunEvent } from '../protocol.ts';

export class EventSink {
  readonly #underWay = new Set<Promise<void>>();

  constructor(readonly onEvent: (event: RunEvent) => void) {}

  /** One that cannot be delivered must not end the run: the page that would read it is gone. */
  readonly emit = (event: RunEvent): void => {
    const sent: Promise<void> = Promise.resolve(this.onEvent(event))
      .catch((error: unknown) => console.error(`The event “${event.kind}” was not taken:`, error))
      .finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
  };

  /**
   * Resolves when every event was taken. A call's result has a message channel of its own: without this it overtakes the
   * last events, and who waits for the run to end then misses its last step.
   */
  async delivered(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
