/** drag-circle: mouse: drag a circle in a direction. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'drag-circle',
  title: 'Drag Circle Task',
  summary: 'Drag the circle left, right, up or down, then Submit.',
  category: 'original',
  needs: ['drag', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 10_000,
};
