/** Selects the options at once, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal, quote } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [listed] = parseGoal(page, /^Select (.*) from the scroll list/);
  const list = one<HTMLSelectElement>(page, '#options');
  if (list.selectedOptions.length > 0) return click(page, one(page, '#area button'));
  return `select_option(${quote(page.bid(list))}, [${listed!.split(', ').map(quote).join(', ')}])`;
};
