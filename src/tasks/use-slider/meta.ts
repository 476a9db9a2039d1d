/** use-slider: one slider. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'use-slider',
  title: 'Use Slider Task',
  summary: 'Set a slider of any range and direction to a number, Submit.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
