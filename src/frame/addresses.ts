/**
 * Chromium 156 keeps the last 500 addresses that a document resolved, as they were written and however long they are, for as
 * long as the frame lives. Every screenshot's picture has one that holds the whole page (see screenshot.ts): in a frame that is
 * used again and again they would grow to 500 times 5 to 100 KB.
 */

/** So many push all others out. */
const KEPT = 500;

/** Characters that may be kept: as good as nothing, and pages enough that pushing them out costs each of them nothing. */
const MOST = 2 ** 15;
let kept = 0;

/** A picture was drawn from an address of so many characters. */
export function noteAddress(characters: number): void {
  kept += characters;
}

/**
 * Once there are many. Reads addresses through a property that does nothing else: no page is loaded anew, and nothing in the
 * document changes.
 */
export function forgetAddresses(): void {
  if (kept < MOST) return;
  kept = 0;
  const quote = document.createElement('q');
  for (let i = 0; i < KEPT; i++) {
    quote.cite = `data:,${i}`;
    void quote.cite;
  }
}
