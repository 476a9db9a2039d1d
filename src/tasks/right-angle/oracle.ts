/** Places the point at the pixel that comes nearest to a right angle, then Submit. */
import type { Oracle } from '../contract.ts';
import { one } from '../oracle.ts';
import { angle, bestPoint, centre, placeThenSubmit } from '../oracle-points.ts';

export const oracle: Oracle = page =>
  placeThenSubmit(page, () => {
    const end = centre(one(page, '.init-black'));
    const vertex = centre(one(page, '.init-blue'));
    return bestPoint(point => -Math.abs(90 - angle(end, { x: point.x + 0.5, y: point.y + 0.5 }, vertex)));
  });
