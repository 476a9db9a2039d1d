/** drag-items-grid: mouse: an item of a grid to a place. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'drag-items-grid',
  title: 'Drag Items Grid Task',
  summary: 'Drag a name to another place of a grid of three by three.',
  category: 'original',
  needs: ['drag', 'sight'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 10_000,
};
