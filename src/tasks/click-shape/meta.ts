/** click-shape: mouse: an item that a description fits. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-shape',
  title: 'Click Shape Task',
  summary: 'Click an item that a lossy description fits.',
  category: 'original',
  needs: ['click', 'sight'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 10_000,
};
