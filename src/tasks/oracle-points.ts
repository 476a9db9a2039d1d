/** Geometry that oracles of pages with a plane share. Points are in the plane's pixels: the page's, 50 further up. */
import { all, click, one, type OraclePage } from './oracle.ts';
import { mouse, type Point } from './oracle-pointer.ts';

/** The pixels of the plane that can be clicked; the button lies over its lowest ones. */
const PLANE = { left: 4, top: 4, right: 150, bottom: 126 };

/** The centre that a circle was drawn with. */
export function centre(circle: Element): Point {
  return { x: Number(circle.getAttribute('cx')), y: Number(circle.getAttribute('cy')) };
}

/** The angle at `vertex`, in degrees. */
export function angle(a: Point, b: Point, vertex: Point): number {
  const between = Math.atan2(a.y - vertex.y, a.x - vertex.x) - Math.atan2(b.y - vertex.y, b.x - vertex.x);
  const turned = Math.abs((between * 180) / Math.PI);
  return Math.min(turned, 360 - turned);
}

/** The pixel of the plane that `score` likes best. */
export function bestPoint(score: (point: Point) => number): Point {
  let best = { x: PLANE.left, y: PLANE.top };
  let most = -Infinity;
  for (let x = PLANE.left; x < PLANE.right; x++)
    for (let y = PLANE.top; y < PLANE.bottom; y++) {
      const reached = score({ x, y });
      if (reached > most) [best, most] = [{ x, y }, reached];
    }
  return best;
}

/** Places the user's point, then Submit. */
export function placeThenSubmit(page: OraclePage, point: () => Point): string {
  if (all(page, '#svg-grid .blue').length > 0) return click(page, one(page, '#subbtn'));
  const { x, y } = point();
  return mouse('mouse_click', { x, y: y + 50 });
}
