/** drag-items: mouse: an item of a list to a place. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'drag-items',
  title: 'Drag Items Task',
  summary: 'Drag a name to another place of the list.',
  category: 'original',
  needs: ['drag'],
  actions: 'miniwob_all',
  split: 'train',
  episodeMaxTime: 10_000,
};
