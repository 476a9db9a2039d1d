/** Types the word, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [place] = parseGoal(page, /^Find the (\d+)\w\w word/);
  const word = one(page, '#area p').textContent.split(' ')[Number(place) - 1]!.replace('.', '');
  const field = one<HTMLInputElement>(page, '#answer-input');
  return field.value === word ? click(page, one(page, '#subbtn')) : fill(page, field, word);
};
