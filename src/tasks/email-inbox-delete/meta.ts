/** email-inbox-delete: delete a mail. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'email-inbox-delete',
  title: 'Email Inbox Task',
  summary: 'Delete the mail of a sender, one of three.',
  category: 'debug',
  needs: ['click'],
  split: 'test',
  episodeMaxTime: 30_000,
};
