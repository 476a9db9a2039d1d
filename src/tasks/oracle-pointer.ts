/** What oracles of pages that need the mouse are written with: places in pixels, and what was said last. */
import type { Oracle } from './contract.ts';
import { click, type OraclePage } from './oracle.ts';

/** A place in CSS pixels of the frame. */
export interface Point {
  x: number;
  y: number;
}

/** A mouse action at a place; the pool that plays oracles has screenshots at scale 1, so that pixels are CSS pixels. */
export function mouse(
  action: 'mouse_click' | 'mouse_down' | 'mouse_move' | 'mouse_up',
  { x, y }: Point,
): string {
  return `${action}(${Math.round(x)}, ${Math.round(y)})`;
}

export function middle(box: { x: number; y: number; width: number; height: number }): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

export function middleOf(element: Element): Point {
  return middle(element.getBoundingClientRect());
}

/** By root element: a frame's document outlives the page that is written into it. */
const said = new WeakMap<Element, string>();

/**
 * The action that `next` gives for the one before. For what a page does not show, such as where the pointer is or whether a
 * button is held down.
 */
export function afterLast(page: OraclePage, next: (last: string) => string): ReturnType<Oracle> {
  const root = page.document.documentElement;
  const action = next(said.get(root) ?? '');
  said.set(root, action);
  return action;
}

/** Drags from one place to another; '' when that was the last thing said. */
export function drag(page: OraclePage, from: Point, to: Point): string {
  return afterLast(page, last =>
    last.startsWith('mouse_down') ? mouse('mouse_up', to) : mouse('mouse_down', from),
  );
}

/** Selects an element's text with the mouse, then clicks the button. */
export function selectThenClick(page: OraclePage, element: Element, button: Element): string {
  const range = page.document.createRange();
  range.selectNodeContents(element);
  const bare = (text: string) => text.replace(/\s/g, '');
  if (bare(page.document.getSelection()!.toString()) === bare(element.textContent))
    return click(page, button);
  const lines = [...range.getClientRects()].filter(line => line.width > 0);
  const [first, last] = [lines[0]!, lines.at(-1)!];
  return drag(
    page,
    { x: first.left, y: first.top + first.height / 2 },
    { x: last.right + 1, y: last.top + last.height / 2 },
  );
}
