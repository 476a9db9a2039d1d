/** drag-box: mouse: a small box into a large one. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'drag-box',
  title: 'Drag Box Task',
  summary: 'Drag the small box wholly into the large one, Submit.',
  category: 'original',
  needs: ['drag', 'click', 'several-steps'],
  actions: 'miniwob_all',
  split: 'train',
  episodeMaxTime: 10_000,
};
