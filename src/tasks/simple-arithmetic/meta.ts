/** simple-arithmetic: add, subtract or multiply two digits. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'simple-arithmetic',
  title: 'Simple Math Task',
  summary: 'Type the result of a sum, difference or product of two digits, Submit.',
  category: 'original',
  needs: ['click', 'type', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
