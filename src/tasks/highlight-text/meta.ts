/** highlight-text: select a paragraph's text. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'highlight-text',
  title: 'Highlight Text Task',
  summary: 'Select the text of the paragraph, Submit.',
  category: 'original',
  needs: ['click', 'drag', 'sight', 'several-steps'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 10_000,
};
