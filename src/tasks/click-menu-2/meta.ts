/** click-menu-2: an item of a menu by label or icon. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-menu-2',
  title: 'Click Menu Task',
  summary: 'Open a menu, then click an item by its label or its icon.',
  category: 'original',
  needs: ['click', 'sight', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
