/** click-button-sequence: two clicks in order. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-button-sequence',
  title: 'Click Button Sequence Task',
  summary: 'Click ONE, then TWO.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
