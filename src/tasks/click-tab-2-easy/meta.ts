/** click-tab-2-easy: a link on the only tab. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-tab-2-easy',
  title: 'Click Tab Task',
  summary: 'Find the link on the tab and click it.',
  category: 'debug',
  needs: ['click'],
  split: 'test',
  episodeMaxTime: 10_000,
};
