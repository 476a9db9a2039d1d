/** click-dialog: close a dialog box. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-dialog',
  title: 'Click Dialog Task',
  summary: 'Close the dialog by its x.',
  category: 'original',
  needs: ['click'],
  split: 'train',
  episodeMaxTime: 10_000,
};
