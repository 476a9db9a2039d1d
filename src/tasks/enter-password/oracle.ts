/** Fills the first field that does not hold the password; then Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [password] = parseGoal(page, /^Enter the password "(.*)" into both/);
  const field = all<HTMLInputElement>(page, '#form input').find(each => each.value !== password);
  return field ? fill(page, field, password!) : click(page, one(page, '#subbtn'));
};
