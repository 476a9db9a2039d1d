/** Clicks the middle, then the slice. */
import type { Oracle } from '../contract.ts';
import { all, one, parseGoal } from '../oracle.ts';
import { middleOf, mouse } from '../oracle-pointer.ts';

export const oracle: Oracle = page => {
  const [label] = parseGoal(page, /labeled "(.*)"\.$/);
  const spreader = one(page, '.spreader');
  if (all(page, '#divWheel text').at(-1)!.textContent === '+')
    return mouse('mouse_click', middleOf(spreader));
  return mouse('mouse_click', middleOf(all(page, '.title').find(title => title.textContent === label)!));
};
