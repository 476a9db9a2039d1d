/** stock-market: buy when the price has fallen. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'stock-market',
  title: 'Stock Market Task',
  summary: 'Buy a share while its price is low enough; prices change ten times a second.',
  category: 'hidden test',
  needs: ['click', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
