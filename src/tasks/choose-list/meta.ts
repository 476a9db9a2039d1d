/** choose-list: choose from a drop-down list. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'choose-list',
  title: 'Choose List Task',
  summary: 'Choose the named option, then Submit.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
