/** What the tasks' oracles are written with: reading the page, and BrowserGym actions as text. */
import type { Oracle } from './contract.ts';

export type OraclePage = Parameters<Oracle>[0];

/** A Python string literal that BrowserGym's grammar reads back as `text`. */
export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}

export function click(page: OraclePage, element: Element): string {
  return `click(${quote(page.bid(element))})`;
}

export function fill(page: OraclePage, element: Element, value: string): string {
  return `fill(${quote(page.bid(element))}, ${quote(value)})`;
}

/** Elements of #wrap that `selector` finds, in document order. */
export function all<E extends Element = HTMLElement>(page: OraclePage, selector: string): E[] {
  return [...page.document.querySelectorAll<E>(selector)];
}

/** The first element that `selector` finds. @throws {Error} when the page is not as the task makes it. */
export function one<E extends Element = HTMLElement>(page: OraclePage, selector: string): E {
  const found = page.document.querySelector<E>(selector);
  if (!found) throw new Error(`The oracle finds no ${selector} on the page; has the episode been started?`);
  return found;
}

/** The first element of `selector` whose text is exactly `text`. */
export function withText(page: OraclePage, selector: string, text: string): HTMLElement {
  const found = all(page, selector).find(element => element.textContent === text);
  if (!found) throw new Error(`The oracle finds no ${selector} that reads "${text}" on the page.`);
  return found;
}

/** The groups of `pattern` in the goal. @throws {Error} when the goal is not of this task. */
export function parseGoal(page: OraclePage, pattern: RegExp): string[] {
  const match = pattern.exec(page.goal);
  if (!match) throw new Error(`The oracle cannot read the goal "${page.goal}" with ${pattern}.`);
  return match.slice(1);
}
