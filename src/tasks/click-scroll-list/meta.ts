/** click-scroll-list: choose one or two options of a scrolling list. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-scroll-list',
  title: 'Choose List Task',
  summary: 'Choose one or two options of a list that scrolls, then Submit.',
  category: 'original',
  needs: ['click', 'scroll', 'several-steps'],
  split: 'test',
  episodeMaxTime: 15_000,
};
