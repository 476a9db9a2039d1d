/** use-colorwheel-2: the colour of a patch in the instruction. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'use-colorwheel-2',
  title: 'Use Color Wheel Task',
  summary: 'Choose the colour that the instruction shows with a colour picker, Submit; pays for nearness.',
  category: 'original',
  needs: ['click', 'type', 'sight', 'several-steps'],
  split: 'train',
  episodeMaxTime: 7_000,
};
