/** What a person points at, in the terms of the action space: for recording what they do. */
import { interceptor } from './actionability.ts';
import { clickPoint, elementAt } from './geometry.ts';
import { bidOf } from './marking.ts';
import type { LocatedElement } from './protocol.ts';
import { scrolls } from './scroll.ts';

/** Types of input that nobody writes into. */
const NO_TEXT = new Set([
  'button',
  'submit',
  'reset',
  'image',
  'checkbox',
  'radio',
  'file',
  'range',
  'color',
]);

/** The innermost marked element at a point of the viewport; null where there is none. */
export function locate(x: number, y: number): LocatedElement | null {
  let element = document.elementFromPoint(x, y);
  if (element instanceof HTMLOptionElement) element = element.closest('select') ?? element;
  while (element && !bidOf(element)) element = element.parentElement;
  if (!element) return null;
  const { left, top, width, height } = element.getBoundingClientRect();
  return {
    bid: bidOf(element),
    kind: kindOf(element),
    value:
      'value' in element && typeof element.value === 'string' ? element.value : (element.textContent ?? ''),
    options: element instanceof HTMLSelectElement ? Array.from(element.options, option => option.label) : [],
    box: [left, top, width, height],
    covered: isCovered(element),
    drawn: isDrawing(element),
  };
}

/** What stands for one thing wherever it is pressed, with the picture in it. */
const CONTROLS = 'a, button, label, summary, option, [role=button], [role=link], [role=tab], [role=menuitem]';

/** SVG's own elements have no bids: a point among them is in the svg. */
function isDrawing(element: Element): boolean {
  return (element.localName === 'svg' || element.localName === 'canvas') && !element.closest(CONTROLS);
}

function isCovered(element: Element): boolean {
  const { x, y } = clickPoint(element);
  // An action scrolls it into view first.
  for (let at = element.parentElement; at; at = at.parentElement) {
    const { left, top, right, bottom } = at.getBoundingClientRect();
    if ((x < left || y < top || x > right || y > bottom) && scrolls(at)) return false;
  }
  return interceptor(element, elementAt(x, y)) !== null;
}

function kindOf(element: Element): LocatedElement['kind'] {
  if (element instanceof HTMLSelectElement) return element.disabled ? 'other' : 'select';
  if (element instanceof HTMLTextAreaElement) return element.readOnly || element.disabled ? 'other' : 'text';
  if (element instanceof HTMLInputElement)
    return element.readOnly || element.disabled || NO_TEXT.has(element.type) ? 'other' : 'text';
  return element instanceof HTMLElement && element.isContentEditable ? 'text' : 'other';
}
