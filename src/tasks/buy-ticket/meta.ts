/** buy-ticket: the best of four tickets. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'buy-ticket',
  title: 'Book Flight Task',
  summary: 'Buy the cheapest, dearest, shortest or longest of four tickets.',
  category: 'hidden test',
  needs: ['click'],
  split: 'train',
  episodeMaxTime: 10_000,
};
