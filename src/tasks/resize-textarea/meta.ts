/** resize-textarea: mouse: resize a text area. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'resize-textarea',
  title: 'Resize Textarea Task',
  summary: 'Drag an edge of the text area so that it gets wider, narrower, higher or lower, then Submit.',
  category: 'original',
  needs: ['drag', 'several-steps'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 10_000,
};
