/** Types the word in the case asked for, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [word, letters] = parseGoal(page, /^Type "(.*)" in all (upper|lower) case/);
  const wanted = letters === 'upper' ? word!.toUpperCase() : word!.toLowerCase();
  const field = one<HTMLInputElement>(page, '#tt');
  return field.value === wanted ? click(page, one(page, '#subbtn')) : fill(page, field, wanted);
};
