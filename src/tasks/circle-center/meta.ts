/** circle-center: mouse: the middle of a circle. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'circle-center',
  title: 'Circle Center Task',
  summary: 'Place a point in the middle of a circle, Submit; pays for nearness.',
  category: 'original',
  needs: ['click', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'train',
  episodeMaxTime: 10_000,
};
