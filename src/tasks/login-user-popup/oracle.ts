/** Cancels the popup if there is one; focuses a field before it is filled, so that the popup comes first. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const cancel = page.document.querySelector('#popup-cancel');
  if (cancel) return click(page, cancel);
  const wanted = parseGoal(page, /username "(.*)" and the password "(.*)" into/);
  for (const [i, id] of ['username', 'password'].entries()) {
    const field = one<HTMLInputElement>(page, `#${id}`);
    if (field.value === wanted[i]) continue;
    return page.document.activeElement === field ? fill(page, field, wanted[i]!) : click(page, field);
  }
  return click(page, one(page, '#subbtn'));
};
