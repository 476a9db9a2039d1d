/** click-option: one of two to six radio buttons. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-option',
  title: 'Click Option Task',
  summary: 'Pick the named radio button, then Submit.',
  category: 'original',
  needs: ['click', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
