/** Clicks the button that the goal names; the x has no text of its own. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [label] = parseGoal(page, /labeled "(.*)"\.$/);
  return click(page, label === 'x' ? one(page, '.dialog .close') : withText(page, '.buttons button', label!));
};
