/** book-flight: two airports and a day, then the best flight. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'book-flight',
  title: 'Book Flight Task',
  summary: 'Enter two airports and a day, search, and book the cheapest or shortest flight.',
  category: 'original',
  needs: ['click', 'type', 'scroll', 'several-steps'],
  split: 'train',
  episodeMaxTime: 30_000,
};
