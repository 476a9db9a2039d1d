/** enter-text-dynamic: a random text into a field that moves about. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'enter-text-dynamic',
  title: 'Enter Dynamic Text Task',
  summary: 'Type a random text into the field, Submit; both move about.',
  category: 'original',
  needs: ['click', 'type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
