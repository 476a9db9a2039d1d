/** Drags over the paragraph, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { all, one, parseGoal } from '../oracle.ts';
import { selectThenClick } from '../oracle-pointer.ts';

export const oracle: Oracle = page => {
  const [place] = parseGoal(page, /in the (\d)\w\w paragraph/);
  return selectThenClick(page, all(page, '#randomText p')[Number(place) - 1]!, one(page, '#subbtn'));
};
