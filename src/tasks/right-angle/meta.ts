/** right-angle: mouse: a third point that makes a right angle. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'right-angle',
  title: 'Right Angle Task',
  summary: 'Place a third point so that a right angle comes about, Submit; pays for nearness.',
  category: 'original',
  needs: ['click', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 10_000,
};
