/** Clicks the first widget of the kind. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [kind] = parseGoal(page, /^Click on a "(\w+)" widget\.$/);
  return click(page, one(page, `[data-type=${kind}]`));
};
