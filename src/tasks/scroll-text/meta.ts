/** scroll-text: the end of a long text. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'scroll-text',
  title: 'Scroll Text Task',
  summary: 'Find the last word of the text area, type it, then Submit.',
  category: 'original',
  needs: ['type', 'scroll', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
