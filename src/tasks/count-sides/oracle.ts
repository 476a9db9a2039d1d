/** Presses the number of sides that the page drew. */
import type { Oracle } from '../contract.ts';
import { click, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const { sides } = page.document.defaultView as unknown as { sides: number };
  return click(page, withText(page, '#form button', String(sides)));
};
