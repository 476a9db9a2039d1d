/** form-sequence: a slider and one of three boxes. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'form-sequence',
  title: 'Form Sequence Task',
  summary: 'Set a slider, tick the nth box, Submit.',
  category: 'hidden test',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
