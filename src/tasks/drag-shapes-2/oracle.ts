/** Drags the next shape to a place of its own in its box, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, one, parseGoal } from '../oracle.ts';
import { drag, middleOf } from '../oracle-pointer.ts';

export const oracle: Oracle = page => {
  const [kind, color] = parseGoal(page, /^Drag all (?:(\w+) shapes|(\w+)s) into/).reverse();
  const shapes = all(page, '[data-shape]');
  const next = shapes.findIndex(shape => !shape.hasAttribute('transform'));
  if (next < 0) return click(page, one(page, '#subbtn'));
  const shape = shapes[next]!;
  const left = color ? shape.getAttribute('fill') === color : shape.dataset.shape === kind;
  const box = all(page, '.outline')[left ? 0 : 1]!.getBoundingClientRect();
  const place = { x: box.left + 13 + 21 * (next % 3), y: box.top + 13 + 22 * Math.floor(next / 3) };
  return drag(page, middleOf(shape), place);
};
