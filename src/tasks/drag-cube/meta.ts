/** drag-cube: mouse: turn a cube. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'drag-cube',
  title: 'Drag Cube Task',
  summary: 'Turn a cube with the mouse until the named side faces you, Submit.',
  category: 'original',
  needs: ['drag', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 15_000,
};
