/** Drags over the text, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { one } from '../oracle.ts';
import { selectThenClick } from '../oracle-pointer.ts';

export const oracle: Oracle = page => selectThenClick(page, one(page, '#randomText'), one(page, '#subbtn'));
