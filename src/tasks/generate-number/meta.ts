/** generate-number: press Generate until the number fits. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'generate-number',
  title: 'Generate Number Task',
  summary: 'Press Generate until the number is as told, then Submit.',
  category: 'hidden test',
  needs: ['click', 'several-steps'],
  split: 'test',
  episodeMaxTime: 15_000,
};
