/** focus-text-2: one of three fields. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'focus-text-2',
  title: 'Focus Text Task',
  summary: 'Focus the numbered field of three.',
  category: 'original',
  needs: ['click'],
  split: 'train',
  episodeMaxTime: 10_000,
};
