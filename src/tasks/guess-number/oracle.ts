/** Halves what is left of 0 to 9. */
import type { Oracle } from '../contract.ts';
import { click, fill, one } from '../oracle.ts';

/** The bounds that past feedback set, as the page keeps none of it. */
interface Bounds extends HTMLElement {
  least?: number;
  most?: number;
}

export const oracle: Oracle = page => {
  const feedback = one<Bounds>(page, '#feedback');
  const field = one<HTMLInputElement>(page, '#tt');
  const [, side, said] = /(higher|lower) than (\d+)/.exec(feedback.innerText) ?? [];
  if (side === undefined && field.value === '') Object.assign(feedback, { least: 0, most: 9 });
  if (side === 'higher') feedback.least = Number(said) + 1;
  if (side === 'lower') feedback.most = Number(said) - 1;
  const guess = Math.floor((feedback.least! + feedback.most!) / 2);
  if (field.value !== String(guess)) return fill(page, field, String(guess));
  return click(page, one(page, '#subbtn'));
};
