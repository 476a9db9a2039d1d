/** click-color: four boxes that only their paint tells apart. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-color',
  title: 'Click Color Task',
  summary: 'Click the box of the named colour. Only the pixels tell which it is.',
  category: 'original',
  needs: ['click', 'sight'],
  split: 'test',
  episodeMaxTime: 10_000,
};
