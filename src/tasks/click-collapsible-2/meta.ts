/** click-collapsible-2: find a link in three sections. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-collapsible-2',
  title: 'Click Collapsible Task',
  summary: 'Open three sections to find a link, and click it.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
