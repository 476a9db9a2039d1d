/** Turns the greatest card over, then Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, one } from '../oracle.ts';

export const oracle: Oracle = page => {
  const cards = all(page, '.card');
  const greatest = cards.reduce((best, card) =>
    Number(card.textContent) > Number(best.textContent) ? card : best,
  );
  return click(page, greatest.matches('.hidden') ? greatest : one(page, '#submit'));
};
