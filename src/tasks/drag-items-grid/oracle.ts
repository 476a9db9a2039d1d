/** Drags the item over the one whose place it takes, then past that one's middle in the order of the list. */
import type { Oracle } from '../contract.ts';
import { all, parseGoal } from '../oracle.ts';
import { afterLast, middleOf, mouse } from '../oracle-pointer.ts';

const PLACES =
  'top left,top center,top right,center left,center,center right,bottom left,bottom center,bottom right';
const STEPS: Readonly<Record<string, number>> = { up: -3, down: 3, left: -1, right: 1 };

/** What the list was before the drag, which hides it. */
const paths = new WeakMap<Document, [string, string, string]>();

export const oracle: Oracle = page =>
  afterLast(page, last => {
    if (last === '') {
      const [name, where, step] = parseGoal(page, /^Drag (\S+) (?:to the (.*)|(\w+) by one)\.$/);
      const items = all(page, '#sortable li');
      const from = items.findIndex(item => item.textContent === name);
      const to = where ? PLACES.split(',').indexOf(where) : from + STEPS[step!]!;
      const { x, y } = middleOf(items[to]!);
      const side = to > from ? 8 : -8;
      paths.set(page.document, [
        mouse('mouse_down', middleOf(items[from]!)),
        mouse('mouse_move', { x: x - side, y }),
        mouse('mouse_up', { x: x + side, y }),
      ]);
    }
    const path = paths.get(page.document)!;
    return path[path.indexOf(last) + 1]!;
  });
