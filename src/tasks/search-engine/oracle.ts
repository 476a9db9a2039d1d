/** Searches, goes to the page of the nth result, clicks it. */
import type { Oracle } from '../contract.ts';
import { all, click, fill, one, parseGoal, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [name, place] = parseGoal(page, /enter "(.*)" and press "Search", then find and click the (\d)/);
  const field = one<HTMLInputElement>(page, '#search-text');
  if (field.value !== name) return fill(page, field, name!);
  const shown = page.document.querySelector('.page-item.active')?.textContent;
  if (!shown) return click(page, one(page, '#search'));
  const index = Number(place) - 1;
  const sheet = String(Math.floor(index / 3) + 1);
  if (shown !== sheet) return click(page, withText(page, '.page-link', sheet));
  return click(page, all(page, '.search-title')[index % 3]!);
};
