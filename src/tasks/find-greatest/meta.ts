/** find-greatest: the greatest of three cards that lie face down. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'find-greatest',
  title: 'Find Greatest Task',
  summary: 'Turn the cards over, leave the greatest up, Submit; a wrong card pays 0.1.',
  category: 'hidden test',
  needs: ['click', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
