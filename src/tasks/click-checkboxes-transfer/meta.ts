/** click-checkboxes-transfer: few boxes to tick; more in the data mode `test`. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-checkboxes-transfer',
  title: 'Click Checkboxes Task',
  summary: 'Tick the listed boxes, at most three, then Submit.',
  category: 'additional',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
