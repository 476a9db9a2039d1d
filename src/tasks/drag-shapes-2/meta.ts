/** drag-shapes-2: mouse: shapes into two boxes. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'drag-shapes-2',
  title: 'Drag Shapes 2 Task',
  summary:
    'Drag the shapes of a kind or colour into the left box and the others into the right one, then Submit.',
  category: 'hidden test',
  needs: ['drag', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'train',
  episodeMaxTime: 30_000,
};
