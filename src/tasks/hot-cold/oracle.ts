/** Clicks the hot place, which the page tells the oracle. */
import type { Oracle } from '../contract.ts';
import { mouse } from '../oracle-pointer.ts';

export const oracle: Oracle = page => {
  const { hot } = page.document.defaultView as unknown as { hot: { x: number; y: number } };
  return mouse('mouse_click', { x: hot.x, y: hot.y + 50 });
};
