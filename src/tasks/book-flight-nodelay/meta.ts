/** book-flight-nodelay: book-flight without waiting. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'book-flight-nodelay',
  title: 'Book Flight Task',
  summary: 'As book-flight, but the calendar does not fade and suggestions come at once.',
  category: 'nodelay',
  needs: ['click', 'type', 'scroll', 'several-steps'],
  split: 'train',
  episodeMaxTime: 30_000,
};
