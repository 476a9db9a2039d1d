/** social-media-some: an icon on some posts of a user. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'social-media-some',
  title: 'Social Media All Task',
  summary: 'Switch an icon on at so many posts of a user, then Submit.',
  category: 'additional',
  needs: ['click', 'scroll', 'sight', 'several-steps'],
  split: 'test',
  episodeMaxTime: 20_000,
};
