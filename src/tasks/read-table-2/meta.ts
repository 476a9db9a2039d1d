/** read-table-2: two values of a table. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'read-table-2',
  title: 'Read Table Task',
  summary: 'Type two values of a table into the fields with their labels, Submit.',
  category: 'original',
  needs: ['click', 'type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 20_000,
};
