/** Types the letters, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one } from '../oracle.ts';

export const oracle: Oracle = page => {
  const text = one(page, '#captcha').textContent;
  const field = one<HTMLInputElement>(page, '#tt');
  return field.value === text ? click(page, one(page, '#subbtn')) : fill(page, field, text);
};
