/** How well the seeds that are announced for the next resets come true: a wrong one costs a page. */

/** Resets over which is counted how many were expected rightly. */
const MEMORY = 16;

export class Foresight<Place> {
  readonly #announced = new Map<Place, number>();
  /** Share that was right of late. */
  #right = 1;

  /** Whether most were right of late. */
  get isTrusted(): boolean {
    return this.#right > 0.5;
  }

  /** What is expected next; undefined when nothing is. */
  announce(place: Place, seed: number | undefined): void {
    if (seed === undefined) this.#announced.delete(place);
    else this.#announced.set(place, seed);
  }

  /** The seed that came. */
  learn(place: Place, seed: number): void {
    const announced = this.#announced.get(place);
    this.#announced.delete(place);
    if (announced === undefined) return;
    this.#right += (Number(announced === seed) - this.#right) / MEMORY;
  }
}
