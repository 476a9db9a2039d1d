/** multi-layouts: a film search in one of five layouts. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'multi-layouts',
  title: 'Multi Layouts Task',
  summary: 'Fill a film search form, in any of five layouts and any order, and send it.',
  category: 'additional',
  needs: ['click', 'type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 20_000,
};
