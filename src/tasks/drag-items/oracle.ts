/** Drags the item a little past the middle of the one whose place it takes. */
import type { Oracle } from '../contract.ts';
import { all, parseGoal } from '../oracle.ts';
import { drag, middleOf } from '../oracle-pointer.ts';

export const oracle: Oracle = page => {
  const [name, where] = parseGoal(page, /^Drag (\S+) (?:to the )?(.*)\.$/);
  const items = all(page, '#sortable li');
  const from = items.findIndex(item => item.textContent === name);
  const to =
    where === 'top'
      ? 0
      : where === 'bottom'
        ? 4
        : where!.startsWith('up')
          ? from - 1
          : where!.startsWith('down')
            ? from + 1
            : Number.parseInt(where!, 10) - 1;
  const target = middleOf(items[to]!);
  return drag(page, middleOf(items[from]!), { x: target.x, y: target.y + (to > from ? 6 : -6) });
};
