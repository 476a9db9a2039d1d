/** Solves the equation, types x, clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [left, sign, right, , result] = one(page, '#math-problem').textContent.split(' ');
  const digit = Number(left === 'x' ? right : left);
  const total = Number(result);
  const x = String(sign === '+' ? total - digit : left === 'x' ? total + digit : digit - total);
  const field = one<HTMLInputElement>(page, '#math-answer');
  return field.value === x ? click(page, one(page, '#subbtn')) : fill(page, field, x);
};
