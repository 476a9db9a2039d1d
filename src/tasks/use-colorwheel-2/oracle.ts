/** Types the colour's hexadecimal form, then Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [wanted] = parseGoal(page, /color #(\w+) with/);
  const field = one<HTMLInputElement>(page, '#col');
  return field.value.toLowerCase() === wanted
    ? click(page, one(page, '#subbtn'))
    : fill(page, field, wanted!);
};
