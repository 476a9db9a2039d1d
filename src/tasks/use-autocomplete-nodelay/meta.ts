/** use-autocomplete-nodelay: a field that offers countries at once. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'use-autocomplete-nodelay',
  title: 'Use Autocomplete Task',
  summary: 'Enter a country by its first and last letters; the field offers those that fit at once.',
  category: 'nodelay',
  needs: ['click', 'type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
