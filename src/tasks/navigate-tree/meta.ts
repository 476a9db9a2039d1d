/** navigate-tree: find a file or folder in a tree. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'navigate-tree',
  title: 'Navigate Tree Task',
  summary: 'Open folders until the named file or folder shows, and click it.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
