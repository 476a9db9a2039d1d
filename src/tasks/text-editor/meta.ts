/** text-editor: mouse: a style or a colour for a word or for everything. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'text-editor',
  title: 'Text Editor Task',
  summary: 'Give a word or everything in a rich-text field a style or a colour, Submit.',
  category: 'original',
  needs: ['click', 'drag', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'train',
  episodeMaxTime: 15_000,
};
