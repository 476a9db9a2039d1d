/** click-collapsible: open a section. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-collapsible',
  title: 'Click Collapsible Task',
  summary: 'Open the section, then Submit.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
