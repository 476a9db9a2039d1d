/** Draws eight strokes round the dot, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, one } from '../oracle.ts';
import { afterLast, middleOf, mouse } from '../oracle-pointer.ts';

const RADIUS = 18;

export const oracle: Oracle = page => {
  const dot = middleOf(one(page, '#circ'));
  const at = (eighth: number) => ({
    x: dot.x + RADIUS * Math.cos((eighth * Math.PI) / 4),
    y: dot.y + RADIUS * Math.sin((eighth * Math.PI) / 4),
  });
  const strokes = [1, 2, 3, 4, 5, 6, 7].map(eighth => mouse('mouse_move', at(eighth)));
  const path = [mouse('mouse_down', at(0)), ...strokes, mouse('mouse_up', at(8))];
  return afterLast(page, last => path[path.indexOf(last) + 1] ?? click(page, one(page, '#controls button')));
};
