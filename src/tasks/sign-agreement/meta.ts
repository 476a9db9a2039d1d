/** sign-agreement: read to the end, sign, agree or cancel. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'sign-agreement',
  title: 'Sign Agreement Task',
  summary: 'Scroll an agreement to its end, sign it, then Agree or Cancel; or only Cancel.',
  category: 'hidden test',
  needs: ['click', 'type', 'scroll', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
