/** Places the point at the pixel that halves the angle best, then Submit. */
import type { Oracle } from '../contract.ts';
import { all, one } from '../oracle.ts';
import { angle, bestPoint, centre, placeThenSubmit } from '../oracle-points.ts';

export const oracle: Oracle = page =>
  placeThenSubmit(page, () => {
    const vertex = centre(one(page, '.init-blue'));
    const [a, b] = all(page, '.init-black').map(centre);
    return bestPoint(point => -Math.max(angle(a!, point, vertex), angle(b!, point, vertex)));
  });
