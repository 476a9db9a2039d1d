/** Fills the time in as `HH:MM` of 24 hours, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [hour, minute, half] = parseGoal(page, /^Enter (\d+):(\d+) ([AP])M as/);
  const hours = (Number(hour) % 12) + (half === 'P' ? 12 : 0);
  const wanted = `${String(hours).padStart(2, '0')}:${minute}`;
  const field = one<HTMLInputElement>(page, '#tt');
  return field.value === wanted ? click(page, one(page, '#subbtn')) : fill(page, field, wanted);
};
