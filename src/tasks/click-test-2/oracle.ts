/** Clicks ONE. */
import type { Oracle } from '../contract.ts';
import { click, withText } from '../oracle.ts';

export const oracle: Oracle = page => click(page, withText(page, 'button', 'ONE'));
