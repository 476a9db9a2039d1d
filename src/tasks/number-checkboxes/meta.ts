/** number-checkboxes: draw a digit with check boxes. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'number-checkboxes',
  title: 'Number Checkboxes Task',
  summary: 'Tick the boxes so that they show the digit of the picture, then Submit.',
  category: 'original',
  needs: ['click', 'sight', 'several-steps'],
  split: 'test',
  episodeMaxTime: 30_000,
};
