/** Drags the next shape that is still outside to a place of its own in the box, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, one, parseGoal } from '../oracle.ts';
import { drag, middleOf } from '../oracle-pointer.ts';

export const oracle: Oracle = page => {
  const kind = parseGoal(page, /^Drag all (.*)s into/)[0]!;
  const wanted = all(page, `[data-shape=${kind}]`);
  const next = wanted.findIndex(shape => !shape.hasAttribute('transform'));
  if (next < 0) return click(page, one(page, '#subbtn'));
  const box = one(page, '.outline').getBoundingClientRect();
  return drag(page, middleOf(wanted[next]!), { x: box.left + 14 + 17 * next, y: box.top + box.height / 2 });
};
