/** Clicks the dialog's x. */
import type { Oracle } from '../contract.ts';
import { click, one } from '../oracle.ts';

export const oracle: Oracle = page => click(page, one(page, '.dialog .close'));
