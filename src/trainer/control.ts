/** The user's hand on a run: pause, resume and stop, obeyed where the run asks. */

/** Thrown to leave a phase when the user ends the run. Not an error: the loop catches it. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

export class RunControl {
  #stopping = false;
  #resume: (() => void) | null = null;
  #paused: Promise<void> | null = null;
  readonly #ended = new AbortController();

  /** Aborts when the run is asked to end: for what is no phase and cannot wait for its end, as a download. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  pause(): void {
    if (this.#paused || this.#stopping) return;
    this.#paused = new Promise(resolve => (this.#resume = resolve));
  }

  resume(): void {
    this.#resume?.();
    this.#resume = null;
    this.#paused = null;
  }

  /** Also ends a pause. */
  stop(): void {
    this.#stopping = true;
    this.#ended.abort();
    this.resume();
  }

  /**
   * Waits while the run is paused.
   *
   * @param onPause  awaited before the pause begins, when there is one: where the checkpoint is written.
   * @throws {Stopped} when the run was asked to end.
   */
  async gate(onPause: () => Promise<void>): Promise<void> {
    if (this.#stopping) throw new Stopped();
    if (!this.#paused) return;
    await onPause();
    await this.#paused;
    if (this.#stopping) throw new Stopped();
  }
}
