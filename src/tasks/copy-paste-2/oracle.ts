/** Fills the text in, the space at its end too, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [place] = parseGoal(page, /from the (\d)\w\w text area/);
  const source = one<HTMLTextAreaElement>(page, `#text-${place}`);
  const answer = one<HTMLInputElement>(page, '#answer-input');
  if (answer.value !== source.value) return fill(page, answer, source.value);
  return click(page, one(page, '#subbtn'));
};
