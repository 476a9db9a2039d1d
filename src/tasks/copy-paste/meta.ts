/** copy-paste: move a text from one field to another. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'copy-paste',
  title: 'Copy Paste Task',
  summary: 'Copy the text of the text area into the field, then Submit.',
  category: 'original',
  needs: ['type', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
