/** Opens the calendar by a key in the field, turns its pages, clicks the day, then Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, one, parseGoal, quote, withText } from '../oracle.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

export const oracle: Oracle = page => {
  const [date] = parseGoal(page, /^Select (.*) as the date/);
  const field = one<HTMLInputElement>(page, '#datepicker');
  if (field.value === date) return click(page, one(page, '#subbtn'));
  const shown = all(page, '.datepicker .title span')[0];
  if (!shown) return click(page, field);
  const [month, day] = date!.split('/').map(Number);
  const turns = month! - 1 - MONTHS.indexOf(shown.textContent);
  if (turns === 0) return click(page, withText(page, '.datepicker td a', String(day)));
  return `press(${quote(page.bid(field))}, ${quote(turns < 0 ? 'PageUp' : 'PageDown')})`;
};
