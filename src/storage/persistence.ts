/** Asks the browser not to evict what is stored. Page only: workers may not ask. */

let asked: Promise<boolean> | undefined;

/**
 * Asks once a page, at the first save: browsers decide by how much the site is used, and Firefox asks the person.
 *
 * @returns whether storage is safe from eviction; `false` also where the browser cannot say.
 */
export function askPersistence(): Promise<boolean> {
  asked ??= navigator.storage?.persist?.() ?? Promise.resolve(false);
  return asked;
}
