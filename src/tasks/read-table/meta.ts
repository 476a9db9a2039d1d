/** read-table: one value of a table. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'read-table',
  title: 'Read Table Task',
  summary: 'Look one value up in the table, type it, then Submit.',
  category: 'original',
  needs: ['type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
