/** draw-circle: mouse: draw a circle round a dot. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'draw-circle',
  title: 'Draw Circle Task',
  summary: 'Draw a circle round the dot with the mouse, Submit; pays for roundness and size.',
  category: 'hidden test',
  needs: ['drag', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'train',
  episodeMaxTime: 10_000,
};
