/** Hovers over the items on the way whose submenu is closed, then clicks the end. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal, quote } from '../oracle.ts';

export const oracle: Oracle = page => {
  const names = parseGoal(page, /^Select (.*)$/)[0]!.split('>');
  let list: Element = one(page, '#menu');
  for (const [i, name] of names.entries()) {
    const row = [...list.children].find(each => each.querySelector('.item')!.textContent === name)!;
    const item = row.querySelector('.item')!;
    if (i === names.length - 1) return click(page, item);
    const submenu = row.querySelector('ul')!;
    if (submenu.hidden) return `hover(${quote(page.bid(item))})`;
    list = submenu;
  }
  return '';
};
