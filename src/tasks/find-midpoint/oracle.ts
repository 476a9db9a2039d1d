/** Places the point midway, then Submit. */
import type { Oracle } from '../contract.ts';
import { all } from '../oracle.ts';
import { centre, placeThenSubmit } from '../oracle-points.ts';

export const oracle: Oracle = page =>
  placeThenSubmit(page, () => {
    const [first, second] = all(page, '.black-circle').map(centre);
    return { x: (first!.x + second!.x) / 2, y: (first!.y + second!.y) / 2 };
  });
