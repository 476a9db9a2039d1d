/** Boxes: what is rendered, what is seen, what a point hits. Computed here, because observers do not fire in hidden frames. */

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export function isRendered(element: Element): boolean {
  return element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';
}

export function intersect(a: Box, b: Box): Box {
  return {
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  };
}

export function area(box: Box): number {
  return Math.max(0, box.right - box.left) * Math.max(0, box.bottom - box.top);
}

/** The topmost element at a point of the viewport, through open shadow roots. */
export function elementAt(x: number, y: number): Element | null {
  let element = document.elementFromPoint(x, y);
  while (element?.shadowRoot) {
    const inner = element.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === element) break;
    element = inner;
  }
  return element;
}

/** The middle of what a user sees of the element's first box, which is where Playwright clicks. */
export function clickPoint(element: Element): { x: number; y: number } {
  const viewport = { left: 0, top: 0, right: window.innerWidth, bottom: window.innerHeight };
  for (const rect of element.getClientRects()) {
    const box = intersect(rect, viewport);
    if (area(box) > 0.99) return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  }
  const rect = element.getBoundingClientRect();
  return { x: (rect.left + rect.right) / 2, y: (rect.top + rect.bottom) / 2 };
}
