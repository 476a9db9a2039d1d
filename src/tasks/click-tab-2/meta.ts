/** click-tab-2: a link on one of three tabs. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-tab-2',
  title: 'Click Tab Task',
  summary: 'Find the link on the three tabs and click it.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
