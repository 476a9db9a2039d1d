/** email-inbox-forward-nl: forward a mail, asked for in many ways. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'email-inbox-forward-nl',
  title: 'Email Inbox Task',
  summary: 'Forward one of three mails, as a sentence of many kinds asks.',
  category: 'additional',
  needs: ['click', 'type', 'several-steps'],
  split: 'test',
  episodeMaxTime: 30_000,
};
