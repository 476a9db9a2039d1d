/** use-autocomplete: a field that offers countries. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'use-autocomplete',
  title: 'Use Autocomplete Task',
  summary: 'Enter a country by its first and last letters; the field offers those that fit.',
  category: 'original',
  needs: ['click', 'type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
