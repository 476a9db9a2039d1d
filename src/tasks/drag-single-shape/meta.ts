/** drag-single-shape: mouse: drag a shape in a direction. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'drag-single-shape',
  title: 'Drag Single Shape Task',
  summary: 'Drag the circle, square or triangle left, right, up or down, then Submit.',
  category: 'hidden test',
  needs: ['drag', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'train',
  episodeMaxTime: 10_000,
};
