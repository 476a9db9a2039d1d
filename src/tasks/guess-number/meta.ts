/** guess-number: find a number by higher and lower. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'guess-number',
  title: 'Resize Textarea Task',
  summary: 'Guess a number from 0 to 9; the page says higher or lower.',
  category: 'original',
  needs: ['click', 'type', 'several-steps'],
  split: 'test',
  episodeMaxTime: 15_000,
};
