/** click-test: the smallest task. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-test',
  title: 'Click Test Task',
  summary: 'Click the only button.',
  category: 'original',
  needs: ['click'],
  split: 'test',
  episodeMaxTime: 10_000,
};
