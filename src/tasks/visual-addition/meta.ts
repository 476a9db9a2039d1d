/** visual-addition: count two heaps of blocks. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'visual-addition',
  title: 'Visual Addition Task',
  summary: 'Count the blocks of both heaps, type the sum, then Submit.',
  category: 'original',
  needs: ['type', 'sight', 'several-steps'],
  split: 'train',
  episodeMaxTime: 15_000,
};
