/** login-user-popup: a login form that a popup may block. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'login-user-popup',
  title: 'Login User Popup Task',
  summary: 'Fill in user name and password, OK; a popup that comes up is cancelled.',
  category: 'additional',
  needs: ['click', 'type', 'several-steps'],
  split: 'train',
  episodeMaxTime: 15_000,
};
