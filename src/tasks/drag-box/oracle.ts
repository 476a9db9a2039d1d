/** Drags the small box's middle to the large one's, then Submit. By the mouse, for the boxes may overlap. */
import type { Oracle } from '../contract.ts';
import { click, one } from '../oracle.ts';
import { drag, middleOf } from '../oracle-pointer.ts';

export const oracle: Oracle = page => {
  const from = middleOf(one(page, '#draggableSmall'));
  const to = middleOf(one(page, '#draggableLarge'));
  if (Math.max(Math.abs(from.x - to.x), Math.abs(from.y - to.y)) < 14)
    return click(page, one(page, '#subbtn'));
  return drag(page, from, to);
};
