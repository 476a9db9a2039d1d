/** click-link: a link in running text. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-link',
  title: 'Click Link Task',
  summary: 'Click the word that is a link and reads as told.',
  category: 'original',
  needs: ['click'],
  split: 'test',
  episodeMaxTime: 10_000,
};
