/** find-word: the nth word of a paragraph. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'find-word',
  title: 'Find Word Task',
  summary: 'Type the word at a given place of a paragraph, Submit.',
  category: 'original',
  needs: ['click', 'type', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
