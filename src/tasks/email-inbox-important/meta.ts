/** email-inbox-important: star a mail. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'email-inbox-important',
  title: 'Email Inbox Task',
  summary: 'Star the mail of a sender, one of three.',
  category: 'debug',
  needs: ['click'],
  split: 'test',
  episodeMaxTime: 30_000,
};
