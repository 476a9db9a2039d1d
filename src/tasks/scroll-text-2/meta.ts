/** scroll-text-2: scroll a text to an end. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'scroll-text-2',
  title: 'Scroll Text Task',
  summary: 'Scroll a text to its top or bottom, Submit.',
  category: 'original',
  needs: ['click', 'scroll', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
