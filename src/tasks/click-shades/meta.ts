/** click-shades: all shades of a hue. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-shades',
  title: 'Click Shades Task',
  summary: 'Mark all squares that are a shade of red, green or blue, then Submit.',
  category: 'original',
  needs: ['click', 'sight', 'several-steps'],
  split: 'train',
  episodeMaxTime: 15_000,
};
