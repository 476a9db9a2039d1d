/** Fills the search in, the day by the calendar, then books the flight that the goal asks for. */
import type { Oracle } from '../contract.ts';
import { all, click, fill, one, parseGoal, quote, withText, type OraclePage } from '../oracle.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

export const oracle: Oracle = page => {
  const [best, from, to, day] = parseGoal(
    page,
    /^Book the (\w+) one-way flight from: (.*) to: (.*) on (.*)\.$/,
  );
  const flights = all(page, '#results .flight');
  if (flights.length > 0) {
    const cost = (flight: HTMLElement) => {
      const [, hours, minutes, price] = /Duration: ?(\d+)h (\d+)m.*\$(\d+)/s.exec(flight.textContent)!;
      return best === 'cheapest' ? Number(price) : 60 * Number(hours) + Number(minutes);
    };
    const least = flights.reduce((a, b) => (cost(b) < cost(a) ? b : a));
    return click(page, least.querySelector('button')!);
  }
  const { AIRPORTS } = (page.document.defaultView as unknown as { ui: { AIRPORTS: string[] } }).ui;
  for (const [id, name] of Object.entries({ 'flight-from': from!, 'flight-to': to! })) {
    const field = one<HTMLInputElement>(page, `#${id}`);
    if (!field.value.includes(name))
      return fill(
        page,
        field,
        AIRPORTS.find(airport => airport.includes(name))!,
      );
  }
  return pickDay(page, day!) ?? click(page, one(page, '#search'));
};

/** The next action towards a day in the calendar; null when the field holds it. */
function pickDay(page: OraclePage, day: string): string | null {
  const field = one<HTMLInputElement>(page, '#datepicker');
  if (field.value === day) return null;
  const shown = page.document.querySelector('.datepicker .title span')?.textContent;
  if (!shown) return click(page, field);
  const [month, date] = day.split('/').map(Number);
  const turns = month! - 1 - MONTHS.indexOf(shown);
  if (turns === 0) return click(page, withText(page, '.datepicker td a', String(date)));
  return `press(${quote(page.bid(field))}, ${quote(turns < 0 ? 'PageUp' : 'PageDown')})`;
}
