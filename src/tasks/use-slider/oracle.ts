/** Presses keys on the handle, then Submit. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal } from '../oracle.ts';
import { slideTo } from '../oracle-slider.ts';

export const oracle: Oracle = page => {
  const [number] = parseGoal(page, /^Select (-?\d+) with the slider/);
  const shown = Number(one(page, '#val').textContent);
  const { range } = page.document.defaultView as unknown as { range: [number, number] };
  const slide = slideTo(page, one(page, '#slider'), Number(number), shown, range);
  return slide ?? click(page, one(page, '#subbtn'));
};
