/** Switches the icon on at posts of the user until enough are, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { all, click, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [label, count, user] = parseGoal(
    page,
    /^Click the "(.*)" button on (all|\d+) posts? by (.*) and then click/,
  );
  const icons = all(page, '.media')
    .filter(each => each.querySelector('.username')!.textContent === user)
    .map(post => post.querySelector(`.${label!.toLowerCase()}`)!);
  const off = icons
    .slice(0, count === 'all' ? undefined : Number(count))
    .find(icon => !icon.classList.contains('active'));
  return click(page, off ?? one(page, '#subbtn'));
};
