/** choose-date-nodelay: any day of 2016 from a calendar, without animation. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'choose-date-nodelay',
  title: 'Choose Date Task',
  summary: 'Pick a day of 2016 from a calendar that opens at once, Submit.',
  category: 'nodelay',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 20_000,
};
