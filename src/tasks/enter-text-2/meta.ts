/** enter-text-2: a word in the other case. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'enter-text-2',
  title: 'Enter Text Task',
  summary: 'Type the word in capital or small letters as told, then Submit.',
  category: 'original',
  needs: ['type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
