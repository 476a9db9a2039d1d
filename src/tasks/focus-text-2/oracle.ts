/** Focuses the field that the goal counts out. */
import type { Oracle } from '../contract.ts';
import { all, parseGoal, quote } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [place] = parseGoal(page, /^Focus into the (\d)/);
  return `focus(${quote(page.bid(all(page, '#area input')[Number(place) - 1]!))})`;
};
