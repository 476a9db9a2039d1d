/** Turns the pages until the contact is there, then clicks the detail. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [person, property] = parseGoal(page, /^Find (.*) in the contact book and click on their (\w+)/);
  if (one(page, '#contact .name').textContent === person)
    return click(page, one(page, `#contact .${property}`));
  return click(page, withText(page, '#pagination a', '>'));
};
