/** enter-time: a time into a time field. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'enter-time',
  title: 'Enter Time Task',
  summary: 'Enter the time, then Submit.',
  category: 'original',
  needs: ['type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 20_000,
};
