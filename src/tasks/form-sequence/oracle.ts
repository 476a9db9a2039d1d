/** Presses keys on the slider's handle, ticks the box, then Submit. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal } from '../oracle.ts';
import { slideTo } from '../oracle-slider.ts';

export const oracle: Oracle = page => {
  const [number, place] = parseGoal(page, /^Select (-?\d+) with the slider, click the (\d)/);
  const slide = slideTo(
    page,
    one(page, '#slider'),
    Number(number),
    Number(one(page, '#val').textContent),
    [-10, 10],
  );
  if (slide) return slide;
  const box = one<HTMLInputElement>(page, `#checkbox-${place}`);
  return click(page, box.checked ? one(page, '#subbtn') : box);
};
