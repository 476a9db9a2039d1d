/** Types a country that fits, takes it from the list that opens, then Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [first] = parseGoal(page, /starts with "(.*?)"/);
  const last = /ends with "(.*)"/.exec(page.goal)?.[1] ?? '';
  const { ui } = page.document.defaultView as unknown as { ui: { COUNTRIES: string[] } };
  const country = ui.COUNTRIES.find(each => each.startsWith(first!) && each.endsWith(last))!;
  const field = one<HTMLInputElement>(page, '#tags');
  if (field.value !== country) return fill(page, field, country);
  // The list lies over the button.
  const offered = all(page, '.suggestions:not([hidden]) .item').find(item => item.textContent === country);
  return click(page, offered ?? one(page, '#subbtn'));
};
