/** form-sequence-3: a drop-down of the page's own make and one of three buttons. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'form-sequence-3',
  title: 'Form Sequence Task',
  summary: "Choose from a drop-down of a page's own make, then press one of three buttons.",
  category: 'hidden test',
  needs: ['click', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
