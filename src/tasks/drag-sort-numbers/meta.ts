/** drag-sort-numbers: four numbers into order. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'drag-sort-numbers',
  title: 'Drag Sort Numbers Task',
  summary: 'Sort four numbers by dragging them, Submit.',
  category: 'original',
  needs: ['drag', 'click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
