/** enter-date: a date into a date field. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'enter-date',
  title: 'Enter Date Task',
  summary: 'Enter the date, then Submit.',
  category: 'original',
  needs: ['type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 20_000,
};
