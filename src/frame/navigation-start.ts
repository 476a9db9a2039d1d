/** The sequential focus navigation starting point of the HTML standard: where Tab goes on from. */

/** Live, so that it stays in place when its node leaves the document. */
let start: Range | null = null;

/** What the mouse was pressed on or had the focus last; null for the edge of the document. */
export function setNavigationStart(node: Node | null): void {
  if (!node) {
    start = null;
    return;
  }
  start ??= document.createRange();
  start.selectNodeContents(node);
}

export function navigationStart(): Element | null {
  const node = start?.startContainer;
  if (!node?.isConnected) return null;
  return node instanceof Element ? node : node.parentElement;
}
