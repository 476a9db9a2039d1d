/** Scrolls with the pointer over the text, then Submit. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal, quote } from '../oracle.ts';
import { afterLast } from '../oracle-pointer.ts';

export const oracle: Oracle = page => {
  const [end] = parseGoal(page, /to the (top|bottom) of/);
  const source = one(page, '#text-area');
  const there =
    end === 'top' ? source.scrollTop < 1 : source.scrollTop + source.clientHeight > source.scrollHeight - 1;
  if (there) return click(page, one(page, '#subbtn'));
  // Where the pointer is, the page does not show; so the oracle remembers what it said.
  return afterLast(page, last =>
    last.startsWith('hover')
      ? `scroll(0, ${end === 'top' ? -5000 : 5000})`
      : `hover(${quote(page.bid(source))})`,
  );
};
