/** highlight-text-2: select the nth paragraph's text. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'highlight-text-2',
  title: 'Highlight Text Task',
  summary: 'Select the text of the nth of three paragraphs, Submit.',
  category: 'original',
  needs: ['click', 'drag', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 10_000,
};
