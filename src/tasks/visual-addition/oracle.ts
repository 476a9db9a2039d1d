/** Types the number of blocks, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, fill, one } from '../oracle.ts';

export const oracle: Oracle = page => {
  const sum = String(all(page, '.addition-block').length);
  const field = one<HTMLInputElement>(page, '#math-answer');
  return field.value === sum ? click(page, one(page, '#subbtn')) : fill(page, field, sum);
};
