/** Drags the corner sideways or upwards by fifteen pixels, then clicks Submit. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal } from '../oracle.ts';
import { afterLast, middleOf, mouse } from '../oracle-pointer.ts';

export const oracle: Oracle = page =>
  afterLast(page, last => {
    if (last.startsWith('mouse_up')) return click(page, one(page, '#subbtn'));
    const [side, direction] = parseGoal(page, /that the (width|height) is (smaller|larger) than/);
    const { x, y } = middleOf(one(page, '.handle-se'));
    if (last === '') return mouse('mouse_down', { x, y });
    const by = direction === 'larger' ? 15 : -15;
    return mouse('mouse_up', side === 'width' ? { x: x + by, y } : { x, y: y + by });
  });
