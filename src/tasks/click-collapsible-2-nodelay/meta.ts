/** click-collapsible-2-nodelay: find a link in three sections, without animation. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-collapsible-2-nodelay',
  title: 'Click Collapsible Task',
  summary: 'Open three sections, which do so at once, to find a link, and click it.',
  category: 'nodelay',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
