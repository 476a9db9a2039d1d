/** Marks the first number that is not marked right; then Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, one } from '../oracle.ts';

export const oracle: Oracle = page => {
  for (const row of all(page, '#numbers .row')) {
    const number = Number(row.querySelector('.display-number')!.textContent);
    const button = row.querySelector(number % 2 === 0 ? '.even' : '.odd')!;
    if (!button.matches('.selected')) return click(page, button);
  }
  return click(page, one(page, '#submit'));
};
