/** enter-password: a password, typed twice. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'enter-password',
  title: 'Enter Password Task',
  summary: 'Type the password into both fields, Submit.',
  category: 'original',
  needs: ['click', 'type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 15_000,
};
