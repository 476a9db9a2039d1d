/** Opens the tab whose panel has the link, then clicks the link. */
import type { Oracle } from '../contract.ts';
import { all, click, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [word] = parseGoal(page, /the link "(.*)"\.$/);
  const panels = all(page, '[role=tabpanel]');
  const linkIn = (panel: Element) =>
    [...panel.querySelectorAll('.alink')].find(link => link.textContent === word);
  // One on the panel that is open, if there is one.
  const panel = panels.find(each => !each.hidden && linkIn(each)) ?? panels.find(linkIn)!;
  return click(page, panel.hidden ? one(page, `#${panel.id}-label`) : linkIn(panel)!);
};
