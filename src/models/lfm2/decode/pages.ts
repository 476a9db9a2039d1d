/** Which pages of the key-value cache are free, and who shares the others. The pages themselves are on the GPU. */

export class PagePool {
  readonly #users: number[] = [];
  readonly #free: number[] = [];

  /** Pages there are. */
  get size(): number {
    return this.#users.length;
  }

  get free(): number {
    return this.#free.length;
  }

  grow(size: number): void {
    for (let page = this.size; page < size; page++) {
      this.#users.push(0);
      this.#free.push(page);
    }
  }

  /** @throws {RangeError} when there are too few */
  take(count: number): number[] {
    if (count > this.#free.length) throw new RangeError(`${count} pages wanted, ${this.#free.length} free.`);
    // Low pages first, so that a run touches as little memory as it needs.
    this.#free.sort((a, b) => b - a);
    const pages = this.#free.splice(this.#free.length - count).reverse();
    for (const page of pages) this.#users[page] = 1;
    return pages;
  }

  /** One more sequence reads these pages. */
  share(pages: readonly number[]): void {
    for (const page of pages) this.#users[page]++;
  }

  release(pages: readonly number[]): void {
    for (const page of pages) if (--this.#users[page] === 0) this.#free.push(page);
  }
}
