/** Generates until the number on display is what the goal says, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [rule, bound] = parseGoal(
    page,
    /^Generate an? (odd number|even number|number less than|number greater than) ?(\d*), then/,
  );
  const number = Number.parseInt(one(page, '#display-number').textContent, 10);
  const fits =
    rule === 'odd number'
      ? number % 2 === 1
      : rule === 'even number'
        ? number % 2 === 0
        : rule === 'number less than'
          ? number < Number(bound)
          : number > Number(bound);
  return click(page, one(page, fits ? '#subbtn' : '#generate'));
};
