/** Buys when the price is low enough; waits in steps that do not pass over the tick that is. */
import type { Oracle } from '../contract.ts';
import { all, click, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [limit] = parseGoal(page, /less than \$(.*)\.$/);
  const price = Number(one(page, '#stock-price').textContent.slice(1));
  if (price <= Number(limit)) return click(page, one(page, '#buy'));
  // Five ticks pass after each action. Tick 75, counted from 0, shows its price when 76 were drawn.
  const drawn = all(page, '.plot-point').length;
  return drawn % 5 === 0 ? 'noop(100)' : 'noop(0)';
};
