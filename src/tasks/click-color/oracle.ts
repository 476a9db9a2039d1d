/** Clicks the box whose paint has the name in the goal. */
import type { Oracle } from '../contract.ts';
import { all, click, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [color] = parseGoal(page, /^Click on the (\w+) colored box\.$/);
  const box = all(page, '.box').find(element => element.style.backgroundColor === color);
  if (!box) throw new Error(`The oracle finds no ${color} box on the page.`);
  return click(page, box);
};
