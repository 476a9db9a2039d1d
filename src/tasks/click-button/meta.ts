/** click-button: find a button by its label among distractors. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-button',
  title: 'Click Button Task',
  summary: 'Click a button with the given label; any of several alike will do.',
  category: 'original',
  needs: ['click'],
  split: 'test',
  episodeMaxTime: 10_000,
};
