/** login-user: a login form. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'login-user',
  title: 'Login User Task',
  summary: 'Fill in user name and password, then Login.',
  category: 'original',
  needs: ['click', 'type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 10_000,
};
