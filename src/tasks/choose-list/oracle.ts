/** Selects the option, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal, quote } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [item] = parseGoal(page, /^Select (.*) from the list/);
  const list = one<HTMLSelectElement>(page, '#options');
  if (list.selectedOptions[0]?.text === item) return click(page, one(page, '#area button'));
  return `select_option(${quote(page.bid(list))}, ${quote(item!)})`;
};
