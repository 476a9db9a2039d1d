/** click-checkboxes-large: five to twelve of up to twelve boxes. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-checkboxes-large',
  title: 'Click Checkboxes Task',
  summary: 'Tick the listed boxes in two columns, then Submit.',
  category: 'additional',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 20_000,
};
