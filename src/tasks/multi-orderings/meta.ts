/** multi-orderings: a film search whose rows come in any order. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'multi-orderings',
  title: 'Multi Orderings Task',
  summary: 'Fill a film search form whose rows come in any order, and send it.',
  category: 'additional',
  needs: ['click', 'type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 20_000,
};
