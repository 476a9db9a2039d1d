/** unicode-test: labels beyond ASCII. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'unicode-test',
  title: 'Click Button Task',
  summary: 'Click a button by its label of letters beyond ASCII, among distractors.',
  category: 'debug',
  needs: ['click'],
  split: 'train',
  episodeMaxTime: 10_000,
};
