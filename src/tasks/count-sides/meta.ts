/** count-sides: count a polygon's sides. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'count-sides',
  title: 'Count Sides Task',
  summary: 'Press the number of sides that the figure has.',
  category: 'original',
  needs: ['click', 'sight'],
  split: 'test',
  episodeMaxTime: 10_000,
};
