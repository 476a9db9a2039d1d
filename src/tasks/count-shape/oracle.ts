/** Clicks the button of the right count. */
import type { Oracle } from '../contract.ts';
import { click, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const { count } = page.document.defaultView as unknown as { count: number };
  return click(page, withText(page, '#count-buttons button', String(count)));
};
