/** Drags over free half hours of the stretch, then names the event and creates it. */
import type { Oracle } from '../contract.ts';
import { all, click, fill, one, parseGoal, quote } from '../oracle.ts';

/** The hour after midnight in half hours. */
function halves(hour: string, half: string): number {
  return 2 * ((Number(hour) % 12) + (half === 'PM' ? 12 : 0));
}

export const oracle: Oracle = page => {
  const [amount, unit, name, from, fromHalf, to, toHalf] = parseGoal(
    page,
    /^Create a (\S+) (min|hour)s? event named "(.*)", between (\d+)([AP]M) and (\d+)([AP]M)\.$/,
  );
  const field = page.document.querySelector<HTMLInputElement>('#event-name');
  if (field) return field.value === name ? click(page, one(page, '.create')) : fill(page, field, name!);
  const length = unit === 'min' ? Number(amount) / 30 : Number(amount) * 2;
  const events = all(page, '.event').map(
    ({ dataset }) => [Number(dataset.start), Number(dataset.end)] as const,
  );
  const free = (from: number) => events.every(([s, e]) => from + length <= s || from >= e);
  let start = halves(from!, fromHalf!);
  const end = halves(to!, toHalf!);
  while (start + length < end && !free(start)) start++;
  const half = (at: number) => quote(page.bid(one(page, `#hh-${at}`)));
  return `drag_and_drop(${half(start)}, ${half(start + length - 1)})`;
};
