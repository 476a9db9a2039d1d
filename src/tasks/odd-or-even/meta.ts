/** odd-or-even: mark numbers as odd or even. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'odd-or-even',
  title: 'Odd Or Even Task',
  summary: 'Mark three numbers as odd or even, Submit; each right one pays a third.',
  category: 'hidden test',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 15_000,
};
