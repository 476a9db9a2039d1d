/** Selects on the select element that lies behind, then presses the button. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal, quote, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [height, answer] = parseGoal(
    page,
    /^Choose (.*) from the dropdown, then click the button labeled "(.*)"\.$/,
  );
  const select = one<HTMLSelectElement>(page, '#dropdown');
  if (select.value === height) return click(page, withText(page, '#buttons button', answer!));
  return `select_option(${quote(page.bid(select))}, ${quote(height!)})`;
};
