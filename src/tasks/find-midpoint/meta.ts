/** find-midpoint: mouse: the middle between two points. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'find-midpoint',
  title: 'Find Midpoint Task',
  summary: 'Place a point midway between two, Submit; pays for nearness.',
  category: 'original',
  needs: ['click', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'train',
  episodeMaxTime: 10_000,
};
