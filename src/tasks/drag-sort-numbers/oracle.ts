/** Drags the least of the rest up to the first place that is wrong; one move of the mouse sorts upwards only. Then Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, one, quote } from '../oracle.ts';

export const oracle: Oracle = page => {
  const items = all(page, '#sortable li');
  const numbers = items.map(item => Number(item.textContent));
  const sorted = numbers.toSorted((a, b) => a - b);
  const wrong = numbers.findIndex((number, i) => number !== sorted[i]);
  if (wrong < 0) return click(page, one(page, '#subbtn'));
  const [from, to] = [items[numbers.indexOf(sorted[wrong]!, wrong)]!, items[wrong]!];
  return `drag_and_drop(${quote(page.bid(from))}, ${quote(page.bid(to))})`;
};
