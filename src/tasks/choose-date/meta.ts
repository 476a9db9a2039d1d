/** choose-date: any day of 2016 from a calendar. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'choose-date',
  title: 'Choose Date Task',
  summary: 'Pick a day of 2016 from a calendar, Submit.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 20_000,
};
