/** click-tab-2-medium: a link on the first of two tabs, or else the second tab. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-tab-2-medium',
  title: 'Click Tab Task',
  summary: 'Click the link on the first tab; if it is not there, open the second tab.',
  category: 'debug',
  needs: ['click'],
  split: 'test',
  episodeMaxTime: 10_000,
};
