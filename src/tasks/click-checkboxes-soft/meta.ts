/** click-checkboxes-soft: boxes that carry words like those listed. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-checkboxes-soft',
  title: 'Click Checkboxes Task',
  summary: 'Tick the boxes whose words are like the listed ones, then Submit.',
  category: 'additional',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
