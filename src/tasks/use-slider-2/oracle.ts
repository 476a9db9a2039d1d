/** Presses keys on the handles one after the other, then Submit. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal } from '../oracle.ts';
import { slideTo } from '../oracle-slider.ts';

export const oracle: Oracle = page => {
  const wanted = parseGoal(page, /\[(\d+),(\d+),(\d+)\]/).map(Number);
  for (const [i, number] of wanted.entries()) {
    const shown = Number(one(page, `#val-${i + 1}`).textContent);
    const slide = slideTo(page, one(page, `#slider-${i + 1}`), number, shown, [0, 20]);
    if (slide) return slide;
  }
  return click(page, one(page, '#subbtn'));
};
