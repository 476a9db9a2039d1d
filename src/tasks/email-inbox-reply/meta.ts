/** email-inbox-reply: reply to a mail. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'email-inbox-reply',
  title: 'Email Inbox Task',
  summary: 'Reply to the mail of a sender, one of three.',
  category: 'debug',
  needs: ['click', 'type', 'several-steps'],
  split: 'test',
  episodeMaxTime: 30_000,
};
