/** click-tab-2-hard: a link on one of two to six tabs. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-tab-2-hard',
  title: 'Click Tab Task',
  summary: 'Find the link on two to six tabs and click it.',
  category: 'additional',
  needs: ['click', 'several-steps'],
  split: 'test',
  episodeMaxTime: 20_000,
};
