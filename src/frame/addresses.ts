/**
 * Chromium 156 keeps the last 500 addresses that a document resolved, as they were written and however long they are, for as
 * long as the frame lives. Every screenshot's picture has one that holds the whole page (see screenshot.ts): in a frame that is
 * used again and again they would grow to 500 times 5 to 100 KB.
 */

/** So many push all others out. */
const KEPT = 500;

/** Reads addresses through a property that does nothing else. No page is loaded anew, and nothing in the document changes. */
export function forgetAddresses(): void {
  const quote = document.createElement('q');
  for (let i = 0; i < KEPT; i++) {
    quote.cite = `data:,${i}`;
    void quote.cite;
  }
}
