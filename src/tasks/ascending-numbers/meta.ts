/** ascending-numbers: click numbers in order, from memory. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'ascending-numbers',
  title: 'Ascending Numbers Task',
  summary: 'Click 1 to 5 in order; after the first, squares hide the others.',
  category: 'hidden test',
  needs: ['click', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 10_000,
};
