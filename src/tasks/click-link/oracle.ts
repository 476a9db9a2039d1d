/** Clicks the first link that reads as the goal says. */
import type { Oracle } from '../contract.ts';
import { click, parseGoal, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [word] = parseGoal(page, /^Click on the link "(.*)"\.$/);
  return click(page, withText(page, '.alink', word!));
};
