/** click-pie-nodelay: mouse: a slice of a pie menu, without animation. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-pie-nodelay',
  title: 'Click Pie Menu Task',
  summary: 'Open a pie menu, which does so at once, then click a slice by its letter.',
  category: 'nodelay',
  needs: ['click', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 10_000,
};
