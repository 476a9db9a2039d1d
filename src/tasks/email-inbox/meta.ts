/** email-inbox: reply to, forward, delete or star a mail. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'email-inbox',
  title: 'Email Inbox Task',
  summary: 'Find the mail of a sender among four to eleven; reply, forward, delete or star it.',
  category: 'original',
  needs: ['click', 'type', 'scroll', 'several-steps'],
  split: 'test',
  episodeMaxTime: 30_000,
};
