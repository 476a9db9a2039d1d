/** Holds the mouse down and makes the move after which the side faces best, as the page's own physics say; then Submit. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal } from '../oracle.ts';
import { mouse, type Point } from '../oracle-pointer.ts';

interface Cube {
  pitch: number;
  yaw: number;
  speed: Point;
  mouse: Point;
  last: Point;
  down: boolean;
}

interface CubePage {
  cube: Cube;
  facing(cube: Cube, side: number): number;
  tick(cube: Cube): void;
}

/** Ticks of the page in the time that passes after an action. */
const TICKS = 25;
const START = { x: 80, y: 130 };
/** Squarely enough to be the active side by a margin. */
const ENOUGH = 0.85;
/** A move that brings less is not worth its turn. */
const LEAST_GAIN = 0.05;

export const oracle: Oracle = page => {
  const side = Number(parseGoal(page, /"(\d)"/)[0]);
  const view = page.document.defaultView as unknown as CubePage;
  const { cube } = view;
  const done = view.facing(cube, side) > ENOUGH;
  if (done) return cube.down ? mouse('mouse_up', cube.mouse) : click(page, one(page, '#subbtn'));
  if (!cube.down)
    return mouse(cube.mouse.x === START.x && cube.mouse.y === START.y ? 'mouse_down' : 'mouse_move', START);
  let best = cube.mouse;
  let most = view.facing(cube, side) + LEAST_GAIN;
  for (let x = 5; x < 160; x += 10)
    for (let y = 60; y < 205; y += 10) {
      const reached = view.facing(after(view, { x, y }), side);
      if (reached > most) [best, most] = [{ x, y }, reached];
    }
  // At the edge of the page the cube must be let go, and taken again in the middle.
  return mouse(best === cube.mouse ? 'mouse_up' : 'mouse_move', best);
};

function after({ cube, tick }: CubePage, to: Point): Cube {
  const next = { ...cube, speed: { ...cube.speed }, last: { ...cube.last }, mouse: to };
  for (let i = 0; i < TICKS; i++) tick(next);
  return next;
}
