/** enter-text: type a name. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'enter-text',
  title: 'Enter Text Task',
  summary: 'Type the name into the field, then Submit.',
  category: 'original',
  needs: ['click', 'type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
