/** count-shape: count items by a description. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'count-shape',
  title: 'Count Shape Task',
  summary: 'Press the number of items that the description fits.',
  category: 'original',
  needs: ['click', 'sight'],
  split: 'train',
  episodeMaxTime: 10_000,
};
