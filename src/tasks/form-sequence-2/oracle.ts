/** Checks the button, fills the number in, clicks Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [place, number, box] = parseGoal(page, /^Check the (\d).*number "(.*)" into the (\d)/);
  const radio = all<HTMLInputElement>(page, '#area [type=radio]')[Number(place) - 1]!;
  const field = all<HTMLInputElement>(page, '#area [type=text]')[Number(box) - 1]!;
  if (!radio.checked) return click(page, radio);
  return field.value === number ? click(page, one(page, '#subbtn')) : fill(page, field, number!);
};
