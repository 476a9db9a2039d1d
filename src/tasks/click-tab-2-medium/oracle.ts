/** Clicks the link if it is there, or else the second tab. */
import type { Oracle } from '../contract.ts';
import { all, click, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [word] = parseGoal(page, /the link "(.*)"\.$/);
  return click(
    page,
    all(page, '.alink').find(link => link.textContent === word) ?? one(page, '#tabs-2-label'),
  );
};
