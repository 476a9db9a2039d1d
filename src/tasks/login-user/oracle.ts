/** Fills what is not yet right, then clicks Login. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [user, password] = parseGoal(page, /username "(.*)" and the password "(.*)" into/);
  const userField = one<HTMLInputElement>(page, '#username');
  const passwordField = one<HTMLInputElement>(page, '#password');
  if (userField.value !== user) return fill(page, userField, user!);
  if (passwordField.value !== password) return fill(page, passwordField, password!);
  return click(page, one(page, '#subbtn'));
};
