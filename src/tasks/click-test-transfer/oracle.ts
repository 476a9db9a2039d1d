/** Clicks the button that the goal names. */
import type { Oracle } from '../contract.ts';
import { click, parseGoal, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [label] = parseGoal(page, /^Click button (.*)\.$/);
  return click(page, withText(page, '#area button', label!));
};
