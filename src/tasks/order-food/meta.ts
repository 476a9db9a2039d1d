/** order-food: order from a menu. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'order-food',
  title: 'Order Food Task',
  summary: 'Order two dishes by name, or so many of a kind, from a menu that scrolls.',
  category: 'hidden test',
  needs: ['click', 'scroll', 'several-steps'],
  split: 'test',
  episodeMaxTime: 20_000,
};
