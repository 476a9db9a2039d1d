/** focus-text: put the caret into a field. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'focus-text',
  title: 'Focus Text Task',
  summary: 'Focus the only field.',
  category: 'original',
  needs: ['click'],
  split: 'train',
  episodeMaxTime: 10_000,
};
