/** BrowserGym's extra_element_properties: what is known of each marked element besides its place in the tree. */
import { isRendered } from './geometry.ts';
import { isClickable } from './listeners.ts';
import { everyElement, isMarked, visibilityOf } from './marking.ts';
import type { ElementProperties } from './protocol.ts';

/** Of every element with a bid, in document order. Must follow markElements(). */
export function elementProperties(): ElementProperties[] {
  const out: ElementProperties[] = [];
  for (const element of everyElement(document)) {
    const bid = element.getAttribute('bid');
    if (bid === null) continue;
    out.push({
      bid,
      tag: element.localName,
      visibility: visibilityOf(element),
      setOfMarks: isMarked(element),
      clickable: isClickable(element),
      box: elementBox(element),
    });
  }
  return out;
}

/** [x, y, width, height] in CSS pixels of the viewport; null when it has no box. */
export function elementBox(element: Element): ElementProperties['box'] {
  if (element.getClientRects().length === 0 && !isRendered(element)) return null;
  const { x, y, width, height } = element.getBoundingClientRect();
  return [x, y, width, height];
}
