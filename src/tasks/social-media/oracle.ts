/** Clicks the icon, or opens the menu and clicks its item, at the first post of the user. */
import type { Oracle } from '../contract.ts';
import { all, click, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [user, label] = parseGoal(page, /^For the user (.*), click on the "(.*)" button\.$/);
  const post = all(page, '.media').find(each => each.querySelector('.username')!.textContent === user)!;
  const icon = post.querySelector(`.controls > .${CSS.escape(label!.toLowerCase())}`);
  if (icon) return click(page, icon);
  const menu = post.querySelector('ul')!;
  if (menu.hidden) return click(page, post.querySelector('.more')!);
  return click(
    page,
    [...menu.children].find(item => item.textContent.startsWith(label!))!,
  );
};
