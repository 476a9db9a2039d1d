/** Clicks the point. */
import type { Oracle } from '../contract.ts';
import { parseGoal } from '../oracle.ts';
import { middleOf, mouse } from '../oracle-pointer.ts';

export const oracle: Oracle = page => {
  const [point] = parseGoal(page, /coordinate (\(.*\))\.$/);
  return mouse('mouse_click', middleOf(page.document.getElementById(point!)!));
};
