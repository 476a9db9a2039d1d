/** use-colorwheel: a named colour. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'use-colorwheel',
  title: 'Use Color Wheel Task',
  summary: 'Choose a named colour with a colour picker, Submit; pays for nearness.',
  category: 'original',
  needs: ['click', 'type', 'sight', 'several-steps'],
  split: 'train',
  episodeMaxTime: 7_000,
};
