/** Where Tab goes: Chromium's sequential focus navigation over one document. */
import { selectAllText } from './editing.ts';
import { focusedElement, isFocusable, isTextControl } from './focus.ts';
import { isRendered } from './geometry.ts';
import { navigationStart } from './navigation-start.ts';
import { scrolls } from './scroll.ts';

/**
 * The next stop of Tab (`by` 1) or Shift+Tab (-1), null past the last: then the browser itself would take the focus. Positive
 * tabindex comes first, then document order; from something that is no stop itself, document order alone counts.
 */
export function tabStop(by: 1 | -1): Element | null {
  const stops = [...document.querySelectorAll<HTMLElement>('*')].filter(isTabStop);
  const from = focusedElement() ?? navigationStart();
  const next = by > 0 ? nextStop(stops, from) : previousStop(stops, from);
  if (next instanceof HTMLInputElement && isTextControl(next)) selectAllText(next);
  return next;
}

function nextStop(stops: HTMLElement[], from: Element | null): Element | null {
  const index = from ? tabIndexOf(from) : 0;
  if (from) {
    const following = stops.filter(stop => isAfter(stop, from));
    const next = following.find(stop => index < 0 || tabIndexOf(stop) === index);
    if (next) return next;
    if (index === 0) return null;
  }
  const higher = stops.map(tabIndexOf).filter(each => each > Math.max(index, 0));
  const lowest = higher.length > 0 ? Math.min(...higher) : 0;
  return stops.find(stop => tabIndexOf(stop) === lowest) ?? null;
}

function previousStop(stops: HTMLElement[], from: Element | null): Element | null {
  const index = from ? tabIndexOf(from) : 0;
  const preceding = from ? stops.filter(stop => stop !== from && !isAfter(stop, from)) : stops;
  const previous = preceding.findLast(stop => index < 0 || tabIndexOf(stop) === index);
  if (previous) return previous;
  const lower = stops.map(tabIndexOf).filter(each => each > 0 && (index <= 0 || each < index));
  const highest = Math.max(0, ...lower);
  return highest === 0 ? null : (stops.findLast(stop => tabIndexOf(stop) === highest) ?? null);
}

function isAfter(element: Element, from: Element): boolean {
  return (from.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}

/** -1 for what Tab does not stop at. */
function tabIndexOf(element: Element): number {
  const written = Number.parseInt(element.getAttribute('tabindex') ?? '', 10);
  if (!Number.isNaN(written)) return written;
  return isFocusable(element) || isFocusableScroller(element) ? 0 : -1;
}

function isTabStop(element: HTMLElement): boolean {
  return (
    (element.tabIndex >= 0 && isFocusable(element) && !isSkippedRadio(element)) ||
    isFocusableScroller(element)
  );
}

/** Chromium stops at a box that scrolls, for its arrow keys, unless something in it takes the focus. */
export function isFocusableScroller(element: Element): boolean {
  if (element === document.body || element === document.documentElement) return false;
  if (!(element instanceof HTMLElement) || element.tabIndex >= 0) return false;
  if (element.hasAttribute('tabindex') || !isRendered(element)) return false;
  if (element.matches('input, select, textarea, button') || !scrolls(element)) return false;
  return ![...element.querySelectorAll<HTMLElement>('*')].some(
    inner => inner.tabIndex >= 0 && isFocusable(inner),
  );
}

/** Tab never stops twice in a group of radio buttons, and stops at its checked one if there is one. */
function isSkippedRadio(element: HTMLElement): boolean {
  if (!(element instanceof HTMLInputElement) || element.type !== 'radio') return false;
  const sameGroup = (other: HTMLInputElement) =>
    other.type === 'radio' && other.name === element.name && other.form === element.form;
  const focused = focusedElement();
  if (focused instanceof HTMLInputElement && sameGroup(focused)) return focused !== element;
  if (element.checked || element.name === '') return false;
  return [...document.querySelectorAll<HTMLInputElement>('input[type=radio]')].some(
    other => other.checked && sameGroup(other),
  );
}
