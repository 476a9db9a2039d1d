/** Places the point in the circle's middle, then Submit. */
import type { Oracle } from '../contract.ts';
import { one } from '../oracle.ts';
import { centre, placeThenSubmit } from '../oracle-points.ts';

export const oracle: Oracle = page => placeThenSubmit(page, () => centre(one(page, '.black-circle')));
