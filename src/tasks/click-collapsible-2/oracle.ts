/** Clicks the link if it shows, or else the header of its section. */
import type { Oracle } from '../contract.ts';
import { click, parseGoal, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [text] = parseGoal(page, /click on the link "(.*)"\.$/);
  const link = withText(page, '.alink', text!);
  const panel = link.closest<HTMLElement>('.panel')!;
  return click(page, panel.hidden ? panel.previousElementSibling! : link);
};
