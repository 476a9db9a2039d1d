/** text-transform: read skewed letters. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'text-transform',
  title: 'Text Transform Task',
  summary: 'Type the skewed letters, then Submit.',
  category: 'original',
  needs: ['type', 'sight', 'several-steps'],
  split: 'train',
  episodeMaxTime: 15_000,
};
