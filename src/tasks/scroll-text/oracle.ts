/** Types the last word without its full stop, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one } from '../oracle.ts';

export const oracle: Oracle = page => {
  const word = /(\w+)\.?$/.exec(one<HTMLTextAreaElement>(page, '#text-area').value)![1]!;
  const field = one<HTMLInputElement>(page, '#answer-input');
  return field.value === word ? click(page, one(page, '#subbtn')) : fill(page, field, word);
};
