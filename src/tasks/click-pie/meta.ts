/** click-pie: mouse: a slice of a pie menu. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-pie',
  title: 'Click Pie Menu Task',
  summary: 'Open a pie menu, then click a slice by its letter.',
  category: 'original',
  needs: ['click', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 10_000,
};
