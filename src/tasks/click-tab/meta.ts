/** click-tab: one of three tabs. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-tab',
  title: 'Click Tab Task',
  summary: 'Open the numbered tab.',
  category: 'original',
  needs: ['click'],
  split: 'test',
  episodeMaxTime: 10_000,
};
