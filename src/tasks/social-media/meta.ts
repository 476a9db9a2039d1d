/** social-media: an icon or a menu item of one post. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'social-media',
  title: 'Social Media Task',
  summary: 'Click an icon, or an item of the menu behind the dots, of the named user.',
  category: 'original',
  needs: ['click', 'scroll', 'sight', 'several-steps'],
  split: 'test',
  episodeMaxTime: 15_000,
};
