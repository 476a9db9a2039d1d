/** email-inbox-forward-nl-turk: forward one of many mails, asked for in many ways. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'email-inbox-forward-nl-turk',
  title: 'Email Inbox Task',
  summary: 'Forward one of four to eleven mails, as a sentence of many kinds asks.',
  category: 'additional',
  needs: ['click', 'type', 'scroll', 'several-steps'],
  split: 'test',
  episodeMaxTime: 30_000,
};
