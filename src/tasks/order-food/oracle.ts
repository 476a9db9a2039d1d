/** Adds what is still missing, then orders. */
import type { Oracle } from '../contract.ts';
import { all, click, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [names, count, kind] = parseGoal(page, /^Order (?:one of each item: (.*)|(\d) items that are (.*))$/);
  const quantity = (dish: Element) => Number(dish.querySelector('.quantity')!.textContent);
  const wanted = all(page, '.food-item').filter(dish =>
    names
      ? names.split(', ').includes(dish.querySelector('.item-name')!.textContent)
      : dish.querySelector(`img[alt="${kind}"]`),
  );
  const missing = names
    ? wanted.find(dish => quantity(dish) === 0)
    : wanted.reduce((sum, dish) => sum + quantity(dish), 0) < Number(count) && wanted[0];
  return click(page, missing ? missing.querySelector('.add')! : one(page, '#subbtn'));
};
