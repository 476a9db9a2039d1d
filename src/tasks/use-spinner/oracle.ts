/** Fills the field, which takes no keys but does take a value; then Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [number] = parseGoal(page, /^Select (-?\d+) with/);
  const field = one<HTMLInputElement>(page, '#spinner');
  return field.value === number ? click(page, one(page, '#subbtn')) : fill(page, field, number!);
};
