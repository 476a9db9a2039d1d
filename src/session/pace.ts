/** Seconds a step takes, from when steps ended; pauses do not count. */

/** Steps that the mean is taken over: few enough to follow a change, enough not to flicker. */
const WINDOW = 8;

export class Pace {
  #last: number | undefined;
  #durations: number[] = [];

  /** The run goes on at `now` (ms) after a start or a pause. */
  begin(now: number): void {
    this.#last = now;
  }

  /** A step ended at `now` (ms). */
  step(now: number): void {
    if (this.#last !== undefined)
      this.#durations = [...this.#durations, (now - this.#last) / 1000].slice(-WINDOW);
    this.#last = now;
  }

  /** Nothing is under way. */
  halt(): void {
    this.#last = undefined;
  }

  /** Mean seconds a step; NaN before the first one ended. */
  get secondsPerStep(): number {
    return this.#durations.reduce((sum, seconds) => sum + seconds, 0) / this.#durations.length;
  }
}
