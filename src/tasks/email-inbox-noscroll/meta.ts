/** email-inbox-noscroll: the four actions on three mails. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'email-inbox-noscroll',
  title: 'Email Inbox Task',
  summary: 'Find the mail of a sender among three; reply, forward, delete or star it.',
  category: 'debug',
  needs: ['click', 'type', 'several-steps'],
  split: 'test',
  episodeMaxTime: 30_000,
};
