/** Scrolls with the pointer over the text, signs, and presses the button. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal, quote } from '../oracle.ts';
import { afterLast } from '../oracle-pointer.ts';

export const oracle: Oracle = page => {
  if (page.goal === 'Click the cancel button.') return click(page, one(page, '#cancel'));
  const [signature, label] = parseGoal(page, /the name "(.*)" then press "(.*)"$/);
  const name = one<HTMLInputElement>(page, '#name');
  // Where the pointer is, the page does not show; so the oracle remembers what it said.
  if (name.disabled)
    return afterLast(page, last =>
      last.startsWith('hover') ? 'scroll(0, 5000)' : `hover(${quote(page.bid(one(page, '#text-area')))})`,
    );
  if (name.value !== signature) return fill(page, name, signature!);
  return click(page, one(page, label === 'Agree' ? '#agree' : '#cancel'));
};
