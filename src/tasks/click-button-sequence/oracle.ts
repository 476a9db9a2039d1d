/** Clicks ONE, then TWO. */
import type { Oracle } from '../contract.ts';
import { click, withText } from '../oracle.ts';

export const oracle: Oracle = page => {
  const { pushed } = page.document.defaultView as unknown as { pushed: string[] };
  return click(page, withText(page, 'button', pushed.length === 0 ? 'ONE' : 'TWO'));
};
