/** choose-date-medium: a day of November or December 2016 from a calendar. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'choose-date-medium',
  title: 'Choose Date Task',
  summary: 'Pick a day of November or December 2016 from a calendar, Submit.',
  category: 'debug',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 20_000,
};
