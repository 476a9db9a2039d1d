/** email-inbox-star-reply: star or reply to a mail. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'email-inbox-star-reply',
  title: 'Email Inbox Task',
  summary: 'Star the mail of a sender or reply to it, one of three.',
  category: 'debug',
  needs: ['click', 'type', 'several-steps'],
  split: 'test',
  episodeMaxTime: 30_000,
};
