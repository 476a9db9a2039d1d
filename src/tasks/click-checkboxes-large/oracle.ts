/** Clicks the first box that is not as it should be; Submit when all are. */
import type { Oracle } from '../contract.ts';
import { all, click, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [listed] = parseGoal(page, /^Select (.*) and click Submit\.$/);
  const wanted = new Set(listed!.split(', '));
  const wrong = all<HTMLInputElement>(page, '#area input').find(
    box => box.checked !== wanted.has(box.parentElement!.textContent),
  );
  return click(page, wrong ?? one(page, '#subbtn'));
};
