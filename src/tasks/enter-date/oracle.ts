/** Fills the date in as `YYYY-MM-DD`, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [month, day, year] = parseGoal(page, /^Enter (\d+)\/(\d+)\/(\d+) as/);
  const field = one<HTMLInputElement>(page, '#tt');
  const wanted = `${year}-${month}-${day}`;
  return field.value === wanted ? click(page, one(page, '#subbtn')) : fill(page, field, wanted);
};
