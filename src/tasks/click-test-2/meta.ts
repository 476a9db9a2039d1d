/** click-test-2: one of two buttons. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-test-2',
  title: 'Click Test Task',
  summary: 'Click the button ONE, not TWO.',
  category: 'original',
  needs: ['click'],
  split: 'train',
  episodeMaxTime: 10_000,
};
