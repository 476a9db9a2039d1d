/** Clicks the tab's link. */
import type { Oracle } from '../contract.ts';
import { click, parseGoal, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [tab] = parseGoal(page, /^Click on (.*)\.$/);
  return click(page, withText(page, '[role=tab] a', tab!));
};
