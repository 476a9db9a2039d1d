/** hot-cold: mouse: a hidden place, by hot and cold. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'hot-cold',
  title: 'Hot Cold Task',
  summary:
    'Find the hot place by what the page says under the pointer, and click it; warm and cold pay less.',
  category: 'hidden test',
  needs: ['click', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 15_000,
};
