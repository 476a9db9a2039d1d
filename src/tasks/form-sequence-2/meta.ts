/** form-sequence-2: a radio button, a number into one of three fields. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'form-sequence-2',
  title: 'Form Sequence Task',
  summary: 'Check the radio button, enter the number into the numbered field, then Submit.',
  category: 'hidden test',
  needs: ['click', 'type', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
