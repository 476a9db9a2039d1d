/** identify-shape: say what a figure is, from its pixels alone. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'identify-shape',
  title: 'Identify Shape Task',
  summary: 'Press the button that names the figure: a shape, a letter or a number.',
  category: 'original',
  needs: ['click', 'sight'],
  split: 'train',
  episodeMaxTime: 10_000,
};
