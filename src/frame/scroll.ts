/** Scrolling inside the frame only. The browser's own would scroll the page around the frame, and tell listeners too late. */
import type { Box } from './geometry.ts';
import { scrollTargets } from './listeners.ts';

/** Element.prototype.scrollIntoView of the page must not move the page that holds the frame. Runs before page scripts. */
export function installScroll(): void {
  Element.prototype.scrollIntoView = function (this: Element) {
    scrollIntoView(this);
  };
}

/** Scrolls the ancestors that clip the element so that its middle comes into view, if it is not. */
export function scrollIntoView(element: Element): void {
  for (let at = element.parentElement; at; at = at.parentElement) {
    const root = at === document.documentElement;
    if (!root && (at === document.body || !scrolls(at))) continue;
    const rect = element.getBoundingClientRect();
    const own = at.getBoundingClientRect();
    const view: Box = root
      ? { left: 0, top: 0, right: at.clientWidth, bottom: at.clientHeight }
      : {
          left: own.left + at.clientLeft,
          top: own.top + at.clientTop,
          right: own.left + at.clientLeft + at.clientWidth,
          bottom: own.top + at.clientTop + at.clientHeight,
        };
    at.scrollTop += toReveal(rect.top, rect.bottom, view.top, view.bottom);
    at.scrollLeft += toReveal(rect.left, rect.right, view.left, view.right);
  }
  flushScroll();
}

/** How far to scroll along one side: what is out of sight goes to the middle, what is partly seen to the nearer edge. */
function toReveal(begin: number, end: number, from: number, to: number): number {
  const [size, room] = [end - begin, to - from];
  const seen = Math.min(end, to) - Math.max(begin, from);
  if (seen >= Math.min(size, room) - 0.5) return 0;
  if (seen <= 0) return (begin + end) / 2 - (from + to) / 2;
  const toEnd = (end > to && size <= room) || (begin < from && size >= room);
  return toEnd ? end - to : begin - from;
}

/** What the wheel does by default: the nearest ancestor that can move that way moves. */
export function scrollBy(target: Element | null, deltaX: number, deltaY: number): void {
  for (let at = target; at; at = at.parentElement) {
    if (at !== document.documentElement && !scrolls(at)) continue;
    const { scrollLeft, scrollTop } = at;
    at.scrollLeft += deltaX;
    at.scrollTop += deltaY;
    if (at.scrollLeft !== scrollLeft || at.scrollTop !== scrollTop) break;
  }
  flushScroll();
}

let positions = new WeakMap<EventTarget, { left: number; top: number }>();

/** Tells those who listen for scroll if they have moved since the last call. */
export function flushScroll(): void {
  for (const element of document.querySelectorAll('[onscroll]')) scrollTargets.add(element);
  for (const target of scrollTargets) {
    const moved = target instanceof Element ? target : document.documentElement;
    const before = positions.get(target) ?? { left: 0, top: 0 };
    const now = { left: moved.scrollLeft, top: moved.scrollTop };
    positions.set(target, now);
    if (now.left !== before.left || now.top !== before.top)
      target.dispatchEvent(new Event('scroll', { bubbles: target === document }));
  }
}

/** Those of the window and the document, which outlive a page. */
export function forgetPositions(): void {
  positions = new WeakMap();
}

/** Whether it scrolls by the wheel: it has more inside than it shows, and bars. */
export function scrolls(element: Element): boolean {
  if (element.scrollHeight <= element.clientHeight && element.scrollWidth <= element.clientWidth)
    return false;
  const style = getComputedStyle(element);
  return [style.overflowX, style.overflowY].some(overflow => overflow === 'auto' || overflow === 'scroll');
}
