/** Clicks the label if it shows, or else the outermost closed folder on the way to it. */
import type { Oracle } from '../contract.ts';
import { all, click, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [name] = parseGoal(page, /named "(.*)"\.$/);
  const label = all(page, '#tree span').find(span => span.textContent === name)!;
  let target = label;
  for (let list = label.closest('ul')!; list.id !== 'tree'; list = list.parentElement!.closest('ul')!)
    if (list.hidden) target = list.parentElement!.querySelector('span')!;
  return click(page, target);
};
