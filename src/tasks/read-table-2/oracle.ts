/** Fills the first field that does not hold what its label asks for; then Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, fill, one, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  for (const label of all(page, '#form label')) {
    const key = label.textContent.replace(':', '');
    const value = withText(page, '#tab td:first-child', key).nextElementSibling!.textContent;
    const field = label.parentElement!.querySelector('input')!;
    if (field.value !== value) return fill(page, field, value);
  }
  return click(page, one(page, '#subbtn'));
};
