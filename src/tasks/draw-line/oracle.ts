/** Draws from beside the dot through it to the other side, then Submit. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal } from '../oracle.ts';
import { afterLast, middleOf, mouse } from '../oracle-pointer.ts';

export const oracle: Oracle = page => {
  const [direction] = parseGoal(page, /^Draw a (\w+) line/);
  const dot = middleOf(one(page, '#circ'));
  const at = (off: number) =>
    direction === 'horizontal' ? { x: dot.x + off, y: dot.y } : { x: dot.x, y: dot.y + off };
  return afterLast(page, last => {
    if (last.startsWith('mouse_down')) return mouse('mouse_move', at(-2));
    if (last.startsWith('mouse_move')) return mouse('mouse_up', at(20));
    if (last.startsWith('mouse_up')) return click(page, one(page, '#controls button'));
    return mouse('mouse_down', at(-20));
  });
};
