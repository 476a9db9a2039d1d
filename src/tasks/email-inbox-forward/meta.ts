/** email-inbox-forward: forward a mail. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'email-inbox-forward',
  title: 'Email Inbox Task',
  summary: 'Forward the mail of a sender, one of three.',
  category: 'debug',
  needs: ['click', 'type', 'several-steps'],
  split: 'test',
  episodeMaxTime: 30_000,
};
