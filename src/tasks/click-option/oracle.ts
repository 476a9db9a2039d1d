/** Picks the option, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [label] = parseGoal(page, /^Select (.*) and click Submit\.$/);
  const option = all<HTMLInputElement>(page, '#boxes input').find(
    input => input.parentElement!.textContent === label,
  );
  return click(page, option && !option.checked ? option : one(page, '#subbtn'));
};
