/** click-menu: one end of a nested menu. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-menu',
  title: 'Click Menu Task',
  summary: 'Hover through a menu and click one of its ends; a click on a parent loses.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
