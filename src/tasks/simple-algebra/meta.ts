/** simple-algebra: one unknown. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'simple-algebra',
  title: 'Simple Algebra Task',
  summary: 'Solve for x, type the answer, then Submit.',
  category: 'original',
  needs: ['type', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
