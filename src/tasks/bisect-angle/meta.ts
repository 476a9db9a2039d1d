/** bisect-angle: mouse: a point on an angle's bisector. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'bisect-angle',
  title: 'Bisect Angle Task',
  summary: "Place a point on an angle's bisector, Submit; pays for nearness.",
  category: 'original',
  needs: ['click', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 10_000,
};
