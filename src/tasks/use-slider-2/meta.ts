/** use-slider-2: three sliders. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'use-slider-2',
  title: 'Use Slider Task',
  summary: 'Set three sliders to a combination, Submit.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 20_000,
};
