/** social-media-all: an icon on every post of a user. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'social-media-all',
  title: 'Social Media All Task',
  summary: 'Switch an icon on at all posts of a user, then Submit.',
  category: 'additional',
  needs: ['click', 'scroll', 'sight', 'several-steps'],
  split: 'test',
  episodeMaxTime: 20_000,
};
