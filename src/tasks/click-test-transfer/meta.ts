/** click-test-transfer: ONE or TWO, by the data mode. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-test-transfer',
  title: 'Click Test Transfer Task',
  summary: 'Click the named button: ONE, or TWO in the data mode test.',
  category: 'debug',
  needs: ['click'],
  split: 'train',
  episodeMaxTime: 10_000,
};
