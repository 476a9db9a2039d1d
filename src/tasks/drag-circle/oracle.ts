/** Drags the shape some pixels in the direction, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal } from '../oracle.ts';
import { drag, middleOf } from '../oracle-pointer.ts';

const STEPS: Readonly<Record<string, [number, number]>> = {
  left: [-15, 0],
  right: [15, 0],
  up: [0, -15],
  down: [0, 15],
};

export const oracle: Oracle = page => {
  const shape = one(page, '#area svg > *');
  if (shape.hasAttribute('transform')) return click(page, one(page, '#subbtn'));
  const [dx, dy] = STEPS[parseGoal(page, /(left|right|up|down) then press/)[0]!]!;
  const { x, y } = middleOf(shape);
  return drag(page, { x, y }, { x: x + dx, y: y + dy });
};
