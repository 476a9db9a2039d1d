/** Clicks the first of what is left; numbers and squares stand in the page in their order. */
import type { Oracle } from '../contract.ts';
import { one } from '../oracle.ts';
import { middleOf, mouse } from '../oracle-pointer.ts';

export const oracle: Oracle = page => mouse('mouse_click', middleOf(one(page, '#area_svg > *')));
