/** Focuses the field. */
import type { Oracle } from '../contract.ts';
import { one, quote } from '../oracle.ts';

export const oracle: Oracle = page => `focus(${quote(page.bid(one(page, '#tt')))})`;
