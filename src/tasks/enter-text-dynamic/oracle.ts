/** Types the text, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [text] = parseGoal(page, /^Enter "(.*)" into the text field/);
  const field = one<HTMLInputElement>(page, '#tt');
  return field.value === text ? click(page, one(page, '#subbtn')) : fill(page, field, text!);
};
