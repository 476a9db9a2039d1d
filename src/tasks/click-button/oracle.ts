/** Clicks the first button that carries the label. */
import type { Oracle } from '../contract.ts';
import { click, parseGoal, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [label] = parseGoal(page, /^Click on the "(.*)" button\.$/);
  return click(page, withText(page, 'button', label!));
};
