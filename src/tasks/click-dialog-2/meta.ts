/** click-dialog-2: one of three buttons of a dialog box. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-dialog-2',
  title: 'Click Dialog Task',
  summary: 'Click Cancel, OK or x in the dialog, as told.',
  category: 'original',
  needs: ['click'],
  split: 'train',
  episodeMaxTime: 10_000,
};
