/** Types what stands beside the key, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [key] = parseGoal(page, /^Enter the value of (.*) into the text field/);
  const value = withText(page, '#tab td:first-child', key!).nextElementSibling!.textContent;
  const field = one<HTMLInputElement>(page, '#tt');
  return field.value === value ? click(page, one(page, '#subbtn')) : fill(page, field, value);
};
