/** Types the result, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [first, sign, second] = one(page, '#math-problem').textContent.split(' ');
  const [a, b] = [Number(first), Number(second)];
  const answer = String(sign === '+' ? a + b : sign === '-' ? a - b : a * b);
  const field = one<HTMLInputElement>(page, '#math-answer');
  return field.value === answer ? click(page, one(page, '#subbtn')) : fill(page, field, answer);
};
