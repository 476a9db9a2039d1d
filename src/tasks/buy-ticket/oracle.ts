/** Clicks the button of the ticket that the goal asks for. */
import type { Oracle } from '../contract.ts';
import { all, click, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [most, figure] = parseGoal(page, /^Buy the ticket with the (.*) (cost|duration)\.$/);
  const sign = most === 'cheapest' || most === 'shortest' ? -1 : 1;
  const score = (ticket: HTMLElement) => {
    const [, hours, minutes, price] = /(\d+)h (\d+)m.*\$(\d+)/s.exec(ticket.textContent)!;
    return sign * (figure === 'cost' ? Number(price) : 60 * Number(hours) + Number(minutes));
  };
  const best = all(page, '.flight').reduce((a, b) => (score(b) > score(a) ? b : a));
  return click(page, best.querySelector('button')!);
};
