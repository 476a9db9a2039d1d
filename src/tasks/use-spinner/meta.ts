/** use-spinner: a number field with arrows that takes no keys. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'use-spinner',
  title: 'Use Spinner Task',
  summary: 'Set a number field by its arrows, Submit.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
