/** copy-paste-2: copy one of three texts. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'copy-paste-2',
  title: 'Copy Paste Task',
  summary: 'Copy the nth of three texts into the field, Submit; the space at its end counts.',
  category: 'original',
  needs: ['click', 'type', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
