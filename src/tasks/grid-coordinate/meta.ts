/** grid-coordinate: mouse: a point of a grid. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'grid-coordinate',
  title: 'Grid Coordinate Task',
  summary: 'Click a point of a grid by its coordinates.',
  category: 'original',
  needs: ['click', 'sight'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 10_000,
};
