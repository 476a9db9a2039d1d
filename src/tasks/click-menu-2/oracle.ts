/** Opens the menu, hovers over the item's parent, clicks the item. */
import type { Oracle } from '../contract.ts';
import { all, click, one, quote } from '../oracle.ts';

export const oracle: Oracle = page => {
  const { wanted } = page.document.defaultView as unknown as { wanted: string };
  if (one(page, '#menu').hidden) return click(page, one(page, '#open-menu'));
  const row = all(page, '#menu li').find(each => each.textContent.trim() === wanted)!;
  const submenu = row.parentElement!;
  if (!submenu.hidden) return click(page, row.querySelector('.item')!);
  return `hover(${quote(page.bid(submenu.parentElement!.querySelector('.item')!))})`;
};
