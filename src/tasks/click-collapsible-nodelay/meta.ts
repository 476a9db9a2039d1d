/** click-collapsible-nodelay: open a section, without animation. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-collapsible-nodelay',
  title: 'Click Collapsible Task',
  summary: 'Open the section, which does so at once, then Submit.',
  category: 'nodelay',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
