/** search-engine: the nth result of a search. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'search-engine',
  title: 'Search Engine Task',
  summary: 'Search for a name and click the nth of nine results, three a page.',
  category: 'original',
  needs: ['click', 'type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 20_000,
};
