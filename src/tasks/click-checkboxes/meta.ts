/** click-checkboxes: tick some of two to six boxes. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-checkboxes',
  title: 'Click Checkboxes Task',
  summary: 'Tick exactly the listed boxes, then Submit; the raw reward is (right - wrong) / boxes.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
