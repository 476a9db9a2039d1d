/** Opens the section, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, one } from '../oracle.ts';

export const oracle: Oracle = page =>
  click(page, one(page, one(page, '.panel').hidden ? '#area h3' : '#subbtn'));
