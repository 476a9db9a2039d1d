/** draw-line: mouse: a line through a dot. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'draw-line',
  title: 'Draw Line Task',
  summary: 'Draw a level or upright line through a dot, Submit; pays for straightness and nearness.',
  category: 'hidden test',
  needs: ['drag', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'train',
  episodeMaxTime: 10_000,
};
