/** drag-shapes: mouse: shapes of one kind into a box. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'drag-shapes',
  title: 'Drag Shapes Task',
  summary: 'Drag all circles, squares or triangles into the box, then Submit.',
  category: 'original',
  needs: ['drag', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'train',
  episodeMaxTime: 15_000,
};
